"""Simulated patients that reach every rule of RECIST 1.1 and PFS1: sizes at each boundary, every state, odd visits."""

import datetime as dt
import math
import random

import pandas as pd
from endpoints.simulated_courses import TABLES, Course
from sonimage import tables


class Simulated(Course):
    """One adversarial patient: a course, and readings near every boundary and of every state."""

    def __init__(self, number, kind, rng):
        super().__init__(number, kind, rng)
        self.read_all()
        self.add_events()

    def read_all(self):
        self.scans = 0
        self.baseline = self.nadir = None
        vanish_at = self.pick(1, 2, 3, 99, 99, 99)
        for at, day in enumerate(self.days):
            self.add_scans(day, self.readings(at, vanish_at))

    def readings(self, at, vanish_at):
        """lesion_id -> (diameter in hundredths, state) on one visit; without an entry there is no row."""
        read, sizes = {}, self.target_sizes(at, vanish_at)
        for lesion in self.lesions:
            name = lesion["lesion_id"]
            if at < lesion["from"]:
                continue
            if at >= lesion["until"]:
                if self.chance(0.25):
                    read[name] = (None, self.pick("ABSENT", "NOT EVALUABLE"))
                continue
            if name in sizes:
                reading = self.target_reading(sizes[name])
            elif lesion["role"] == "NEW":
                reading = self.new_reading(lesion)
            else:
                reading = self.nontarget_reading(at, vanish_at, lesion)
            if at and self.chance(0.04):
                reading = (None, "NOT EVALUABLE")
            if not (at and self.chance(0.04)):
                read[name] = reading
        return read

    def target_sizes(self, at, vanish_at):
        """Sizes of the target lesions and fragments there are, their sum near a boundary."""
        there = [
            lesion for lesion in self.lesions if lesion["role"] == "TARGET" and lesion["from"] <= at < lesion["until"]
        ]
        if not there:
            return {}
        if at == vanish_at or (at == vanish_at + 1 and self.chance(0.5)):
            return {les["lesion_id"]: self.pick(0, 400, 996, 999, 1000) if les["is_node"] else 0 for les in there}
        if self.baseline is None:
            sizes = {les["lesion_id"]: self.pick(1000, 1500, 1001, 1999, self.rng.randint(1000, 6000)) for les in there}
            self.baseline = self.nadir = sum(sizes.values())
            return sizes
        goal = self.goal()
        shares = [self.rng.random() + 0.1 for _ in there]
        parts = [int(goal * share / sum(shares)) for share in shares]
        parts[-1] = goal - sum(parts[:-1])
        if self.chance(0.1):
            parts[0] = self.pick(0, 1, 499, 500, 501, 996, 1000)
        self.nadir = min(self.nadir, sum(parts))
        return dict(zip([lesion["lesion_id"] for lesion in there], parts, strict=True))

    def goal(self):
        edge = self.pick(
            math.floor(0.7 * self.baseline),
            math.ceil(1.2 * self.nadir),
            self.nadir + 500,
            max(self.nadir + 500, math.ceil(1.2 * self.nadir)),
            self.baseline,
            self.nadir,
            self.nadir,
            self.rng.randint(1, 100 + self.baseline),
        )
        return max(0, edge + self.pick(-1, 0, 0, 1))

    def target_reading(self, size):
        odd = self.rng.random()
        if odd < 0.02:
            return None, "MEASURED"
        if odd < 0.04:
            return self.pick(None, size or None), self.pick("PRESENT", "UNEQUIVOCAL PROGRESSION")
        if size == 0:
            return self.pick((None, "ABSENT"), (0, "ABSENT"), (0, "MEASURED"))
        if size < 800 and self.chance(0.3):
            return self.pick(None, size), "TOO SMALL TO MEASURE"
        return size, "MEASURED"

    def new_reading(self, lesion):
        if lesion["is_node"] and self.chance(0.5):
            return self.pick(800, 999, 1000, 1400), "MEASURED"
        return self.pick(
            (None, "PRESENT"),
            (700, "MEASURED"),
            (None, "TOO SMALL TO MEASURE"),
            (None, "ABSENT"),
            (None, "PRESENT"),
            (None, "UNEQUIVOCAL PROGRESSION"),
        )

    def nontarget_reading(self, at, vanish_at, lesion):
        if at == vanish_at or (at > vanish_at and self.chance(0.5)):
            return (self.pick(700, 999), "MEASURED") if lesion["is_node"] and self.chance(0.5) else (None, "ABSENT")
        odd = self.rng.random()
        if odd < 0.05:
            return self.pick(None, 1800), "UNEQUIVOCAL PROGRESSION" if at else "PRESENT"
        if odd < 0.1:
            return None, self.pick("TOO SMALL TO MEASURE", "ABSENT", "MEASURED")
        if odd < 0.4:
            return self.pick(800, 999, 1000, 1200, 1500), "MEASURED"
        return None, "PRESENT"

    def add_scans(self, day, read):
        """One visit as one CT, as two CTs on one day, or as two some days apart."""
        kind = self.rng.random() + (0.3 if self.kind == "read twice" else 0)
        first = self.scan(day)
        if kind < 0.75:
            return self.deliver([first], read)
        later = day if kind < 0.85 else day + dt.timedelta(days=self.pick(1, 3, 6, 7, 8))
        self.deliver([first, self.scan(later)], read)

    def scan(self, day):
        self.scans += 1
        scan_id = f"{self.id}-CT{self.scans}"
        self.add("scans", scan_id=scan_id, modality="CT", scan_date=day)
        return scan_id

    def deliver(self, scan_ids, read):
        twice = 0.6 if self.kind == "read twice" else self.pick(0, 0.15)
        for lesion_id, reading in read.items():
            chosen = scan_ids if self.chance(twice) else [self.rng.choice(scan_ids)]
            for at, scan_id in enumerate(chosen):
                if at and self.chance(0.6):
                    reading = self.second_reading(reading)
                millimetres = None if reading[0] is None else reading[0] / 100
                row = {"diameter_mm": millimetres, "state": reading[1]}
                self.add("measurements", lesion_id=lesion_id, scan_id=scan_id, **row)

    def second_reading(self, reading):
        """The same lesion on the other CT of the visit: not seen well, or read differently."""
        if self.kind != "read twice":
            return self.pick(reading, (None, "NOT EVALUABLE"))
        other_states = ("ABSENT", "PRESENT", "UNEQUIVOCAL PROGRESSION", "TOO SMALL TO MEASURE")
        return self.pick((900, "MEASURED"), (1700, "MEASURED"), *((None, state) for state in other_states))


def typed(rows):
    """Rows as the canonical tables."""
    frames = {}
    for name in TABLES:
        frame = pd.DataFrame(rows[name])
        frame["source_file"], frame["source_row"] = f"{name}.csv", range(2, len(frame) + 2)
        frames[name] = tables.conform(frame, name)
    return frames


def simulate(kinds, seed):
    rng, rows = random.Random(seed), {name: [] for name in TABLES}
    for kind, n_patients in kinds.items():
        for number in range(n_patients):
            for name, some in Simulated(number, kind, rng).rows.items():
                rows[name].extend(some)
    return typed(rows)


def simulate_responses(n_patients, seed):
    """Investigator responses in any order, which no measurement would give: every line of RECIST 1.1 table 3."""
    rng = random.Random(seed)
    rows = {name: [] for name in TABLES} | {"visit_response": []}
    for number in range(n_patients):
        patient_id, start, day = f"R{number:04d}", dt.date(2020, 3, 2), 0
        rows["patients"].append({"patient_id": patient_id, "randomisation_date": start})
        stable = rng.choice(["SD", "SD", "NON-CR/NON-PD"])
        for _ in range(rng.randint(0, 5)):
            marks = [mark for mark in (41, 42, 167, 168) if mark > day]
            day = marks[0] if marks and rng.random() < 0.2 else day + rng.choice([10, 14, 27, 28, 29, 84])
            response = rng.choice(["CR", "CR", "PR", "PR", stable, "NE", "PD"])
            response = {"overall_response": response, "overall_response_strict": response}
            row = {"patient_id": patient_id, "assessment_date": start + dt.timedelta(days=day)}
            rows["visit_response"].append({**row, **response})
        if rng.random() < 0.2:
            at = start + dt.timedelta(days=rng.randint(0, day + 20))
            rows["events"].append({"patient_id": patient_id, "event": "NEW THERAPEUTIC AGENT", "event_date": at})
    frames = {name: tables.conform(pd.DataFrame(some), name) for name, some in rows.items() if some}
    return frames["patients"], frames["visit_response"], frames["events"]
