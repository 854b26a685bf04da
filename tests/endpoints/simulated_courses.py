"""Courses of simulated patients: odd days of visits, lesions that split and merge, events near the visits."""

import datetime as dt

from endpoints.second_outcomes import next_month

TABLES = ("patients", "scans", "lesions", "measurements", "events")


class Course:
    """One patient's days, lesions and events: gaps, splits, merges, breaks, odd visits."""

    def __init__(self, number, kind, rng):
        self.rng, self.kind, self.id = rng, kind, f"{kind} {number:04d}"
        self.rows = {name: [] for name in TABLES}
        self.patient()
        self.visit_days()
        self.name_lesions()

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, *options):
        return self.rng.choice(options)

    def add(self, table, **row):
        self.rows[table].append({"patient_id": self.id, **row})

    def patient(self):
        month_end = self.pick(dt.date(2021, 1, 29), dt.date(2020, 1, 31), dt.date(2020, 11, 30), dt.date(2020, 12, 31))
        any_day = dt.date(2020, 1, 1) + dt.timedelta(days=self.rng.randrange(500))
        self.randomised = month_end if self.chance(0.2) else any_day
        delay = self.rng.randint(-5, -1) if self.chance(0.03) else self.rng.randint(0, 12)
        treated = None if self.chance(0.1) else self.randomised + dt.timedelta(days=delay)
        self.start = treated or self.randomised
        self.died = self.day(self.rng.randint(1, 700)) if self.chance(0.2) else None
        withdrawn = self.day(self.rng.randint(1, 500)) if self.chance(0.1) else None
        self.add(
            "patients",
            randomisation_date=self.randomised,
            first_treatment_date=treated,
            death_date=self.died,
            withdrawal_date=withdrawn,
        )

    def day(self, days):
        return self.randomised + dt.timedelta(days=days)

    def visit_days(self):
        """Scan days: [first day of each visit], the baseline first if there is one."""
        kind = self.rng.random()
        days = []
        if kind < 0.75:
            days.append(self.start - dt.timedelta(days=self.pick(0, 0, 1, 3, 8, 20, 40)))
            if self.chance(0.15):
                days.insert(0, days[0] - dt.timedelta(days=self.pick(3, 7, 8, 30)))
        elif kind < 0.9:
            days.append(self.start + dt.timedelta(days=self.pick(1, 5, 27, 28, 29)))
        last = max([self.start, *days])
        for _ in range(self.pick(0, 1, 2, 3, 4, 5, 6, 7)):
            last = self.next_visit(last)
            days.append(last)
        self.days = sorted(set(days))

    def next_visit(self, last):
        marks = [self.day(days) for days in (41, 42, 167, 168)]
        marks = [day for day in marks if day > last]
        if marks and self.chance(0.2):
            return marks[0]
        return last + dt.timedelta(days=self.pick(5, 7, 8, 14, 27, 28, 29, 56, 84, 84, 90))

    def name_lesions(self):
        kind = self.rng.random()
        n_target, n_other = self.pick(1, 1, 2, 2, 3, 4), self.pick(0, 0, 1, 2, 3)
        if kind < 0.1:
            n_target, n_other = 0, self.pick(1, 2, 3)  # bone-only and other non-measurable disease
        elif kind < 0.14:
            n_target, n_other = 0, 0
        roles = ["TARGET"] * n_target + ["NON-TARGET"] * n_other + ["NEW"] * self.pick(0, 0, 0, 0, 1, 2)
        self.lesions = [self.lesion(f"L{at:02d}", role) for at, role in enumerate(roles, 1)]
        if self.kind == "split":
            self.split()
        if self.kind == "merged":
            self.merge()
        self.rng.shuffle(self.lesions)
        for lesion in self.lesions:
            columns = ("lesion_id", "role", "is_node", "organ", "is_equivocal", "split_from", "merged_into")
            self.add("lesions", **{column: lesion[column] for column in columns})

    def lesion(self, lesion_id, role, **more):
        node = self.chance(0.35)
        return {
            "lesion_id": lesion_id,
            "role": role,
            "is_node": node,
            "organ": "lymph node" if node else self.pick("liver", "lung", "bone"),
            "is_equivocal": self.pick(True, False, None) if role == "NEW" else None,
            "split_from": None,
            "merged_into": None,
            "from": self.rng.randint(1, 6) if role == "NEW" else 0,
            "until": 99,
            **more,
        }

    def split(self):
        parents = [lesion for lesion in self.lesions if lesion["role"] in ("TARGET", "NON-TARGET")]
        if not parents:
            return
        parent = self.rng.choice(parents)
        begin = self.after_baseline()
        parent["until"] = self.pick(begin, begin, begin, 99)
        for letter in "ab" if self.chance(0.8) else "a":
            fragment = self.lesion(
                parent["lesion_id"] + letter, parent["role"], split_from=parent["lesion_id"], is_node=parent["is_node"]
            )
            fragment["from"] = begin + (1 if self.chance(0.15) else 0)
            fragment["organ"] = parent["organ"]
            self.lesions.append(fragment)
        if self.chance(0.3):
            self.split_again(fragment)

    def split_again(self, fragment):
        """The last fragment falls apart itself."""
        begin = fragment["from"] + self.pick(1, 1, 2)
        fragment["until"] = self.pick(begin, begin, 99)
        for letter in "xy" if self.chance(0.7) else "x":
            piece = self.lesion(
                fragment["lesion_id"] + letter,
                fragment["role"],
                split_from=fragment["lesion_id"],
                is_node=fragment["is_node"],
            )
            piece["from"], piece["organ"] = begin, fragment["organ"]
            self.lesions.append(piece)

    def merge(self):
        role = self.pick("TARGET", "TARGET", "NON-TARGET")
        same_role = [lesion for lesion in self.lesions if lesion["role"] == role and lesion["split_from"] is None]
        if len(same_role) > 1:
            gone, into = self.rng.sample(same_role, 2)
            gone["merged_into"], gone["until"] = into["lesion_id"], self.after_baseline()

    def after_baseline(self):
        """Number of a visit after the baseline."""
        return (
            sum(day <= self.start for day in self.days) + self.pick(0, 0, 1, 1, 2, 3) + (self.days[:1] > [self.start])
        )

    def add_events(self):
        chosen = set()
        if self.chance(0.15):
            chosen.add(("SYMPTOMATIC DETERIORATION", self.event_day()))
        for _ in range(self.pick(0, 0, 0, 1, 1, 2)):
            chosen.add(("NEW THERAPEUTIC AGENT", self.event_day()))
        if self.chance(0.05):  # of an earlier line
            chosen.add(("NEW THERAPEUTIC AGENT", self.day(-self.pick(1, 30, 400))))
        for _ in range(self.pick(0, 0, 1, 1, 2)):
            chosen.add(("BREAK START", self.event_day()))
        for _ in range(self.pick(0, 1, 1, 2)):
            chosen.add(("THERAPY RESUMED", self.event_day()))
        # What a break means that starts and ends on one day is not written down.
        chosen -= {("THERAPY RESUMED", day) for event, day in chosen if event == "BREAK START"}
        for event, day in sorted(chosen):
            self.add("events", event=event, event_date=day)

    def event_day(self):
        """On, next to or a calendar month after a CT, or any day."""
        visits_later = [day for day in self.days if day >= self.randomised]
        if not visits_later or self.chance(0.15):
            return self.day(self.rng.randint(0, 500))
        day = self.rng.choice(visits_later)
        around = self.pick(0, 0, -1, 1, -20, -3, 15, "month", "month", "late")
        if around in ("month", "late"):
            return next_month(day) + dt.timedelta(days=around == "late")
        return max(day + dt.timedelta(days=around), self.randomised)
