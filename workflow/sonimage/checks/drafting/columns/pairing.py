"""Which raw column of a file is which column of ours, by its name and by what it holds."""

from typing import NamedTuple

from sonimage import schemas
from sonimage.checks.drafting.columns.contents import Content
from sonimage.checks.drafting.columns.level_codes import share_of_levels
from sonimage.checks.drafting.columns.naming import best_likeness, is_never_ours, likeness, read_name, short_names

# From these on a pair is sure, likely, worth a commented line
SURE, LIKELY, DOUBTFUL = 0.9, 0.7, 0.55
MOSTLY, HALF = 0.8, 0.5
BY_WORDS_ALONE = 0.72  # a column whose words are those of our levels, whatever its name
FEW_CODES = 12  # a coded column of ours has no more different codes
NO_VALUES = "no values"
MOST_WORDS = 60  # a column with more different texts is not known by its words
# Our columns that their words give away
TELLING = ("organ", "laterality", "role", "state", "visual", "overall_response", "modality", "event")
# Columns that both tracers of a wide table share
OF_ANY_TRACER = ("lesion_id", "reader", "weight_kg", "height_cm", "scanner")
# Limits between which the middle of a column's numbers lies
MIDDLES = {
    "suvmax": (0.2, 80), "suvpeak": (0.2, 80), "suvmean": (0.1, 60), "diameter_mm": (0.5, 300), "er_percent": (0, 100),
    "birth_year": (1900, 2015), "who_performance_status": (0, 5), "glucose_mmol_l": (2, 400), "volume_ml": (0.01, 1e6),
}  # fmt: skip


class Match(NamedTuple):
    """A raw column that is one of ours: how surely, and why, in words."""

    raw: str
    score: float
    reason: str

    @property
    def confidence(self) -> str:
        """sure, likely or doubtful."""
        return "sure" if self.score >= SURE else "likely" if self.score >= LIKELY else "doubtful"


def pair(
    table: str,
    contents: dict[str, Content],
    labels: dict[str, str],
    *,
    tracer: str | None,
    is_alone: bool,
    without: set[str],
) -> dict[str, Match]:
    """Return our column of `table` -> its raw column, each raw column once, best pairs first.

    `labels`: what the delivery's dictionary calls a column; `tracer`: the tracer that the columns are of, None for columns
    of any; `is_alone`: no column is of another tracer; `without`: our columns that are decided elsewhere.
    """
    fields = {name: field for name, field in _fields(table).items() if name not in without}
    short = short_names(contents)
    usable = [raw for raw in contents if not is_never_ours(raw) and read_name(raw).tracer in (None, tracer)]
    found = [
        (match.score, -order, ours, match)
        for order, raw in enumerate(usable)
        for ours, field in fields.items()
        if tracer is None or is_alone or read_name(raw).tracer == tracer or ours in OF_ANY_TRACER
        if (match := _match(raw, field, contents[raw], labels.get(raw, ""), short.get(raw, ""))).score >= DOUBTFUL
    ]
    pairs, taken = {}, set()
    for _, _, ours, match in sorted(found, key=lambda one: one[:2], reverse=True):
        if ours not in pairs and match.raw not in taken:
            pairs[ours] = match
            taken.add(match.raw)
    return pairs


def _fields(table: str) -> dict[str, dict]:
    """Our columns that a source of a table may name; readings name modality and day of their scan for its number."""
    own = {name: field for name, field in schemas.fields(table).items() if not name.startswith("source_")}
    if table in ("measurements", "uptake"):
        own |= {name: schemas.fields("scans")[name] for name in ("modality", "scan_date")}
    return own


def _match(raw: str, field: dict, content: Content, label: str, short: str) -> Match:
    """How surely a raw column is one of ours: by its name, its label, or its name without the word of its form."""
    score, reason = max(
        (likeness(raw, field["name"]), "name"),
        (0.97 * likeness(label, field["name"]) if label else 0.0, "label"),
        (0.93 * likeness(short, field["name"]) if short else 0.0, "end of its name"),
    )
    if score < SURE and best_likeness(raw) >= SURE:
        score -= 0.3  # the name of another column of ours
    if score < DOUBTFUL and (field["name"] not in TELLING or len(content.texts) > MOST_WORDS):
        return Match(raw, score, reason)
    fits, what = _fit(field, content)
    if what == NO_VALUES:
        return Match(raw, score - 0.06 if score < 1.0 else score, f"{reason}, but {what}")
    if fits is False:
        return Match(raw, score if score == 1.0 else score - 0.4, f"{reason}, but {what}")
    if score < LIKELY and fits and field["name"] in TELLING and what == "words":
        return Match(raw, BY_WORDS_ALONE, "its words")
    return Match(raw, score, f"{reason} and {what}" if what else reason)


def _fit(field: dict, content: Content) -> tuple[bool | None, str]:
    """Whether the values can be of our column: True, False, None for no evidence; and what they are, in words."""
    if not content.n_known:
        return None, "" if content.n_rows == 0 else NO_VALUES
    if field["type"] == "date":
        if content.share_of_days >= MOSTLY or content.day_count:
            return True, "dates"
        return (False, "most values are no dates") if content.share_of_days < HALF else (None, "some dates")
    if field["name"] == "birth_year" and content.share_of_days >= MOSTLY:
        return True, "dates"
    if field["type"] in ("number", "integer"):
        return _fit_of_numbers(field, content)
    if field["type"] == "boolean" or "enum" in field.get("constraints", {}):
        return _fit_of_levels(field, content)
    if field["type"] == "time":
        return (None, "") if content.texts.index.str.match(r"\d\d?:?\d\d").all() else (False, "no times")
    return (False, "dates") if content.share_of_days >= MOSTLY else (None, "")


def _fit_of_numbers(field: dict, content: Content) -> tuple[bool | None, str]:
    if content.share_of_numbers < HALF and content.numbers.n_read < 2:
        return False, "most values are no numbers"
    middle = content.numbers.amounts.median()
    low, high = MIDDLES.get(field["name"], (float("-inf"), float("inf")))
    if not low <= middle <= high:
        return False, "its numbers are of another size"
    return True, "numbers" if content.share_of_numbers >= MOSTLY else "numbers among words"


def _fit_of_levels(field: dict, content: Content) -> tuple[bool | None, str]:
    share, n_words = share_of_levels(field, content)
    if share >= MOSTLY and n_words >= 2 and not content.texts.index.str.fullmatch(r"-?\d+").all():
        return True, "words"
    if content.share_of_days >= HALF or (share < HALF and len(content.texts) > FEW_CODES and field["name"] != "organ"):
        return False, "its values are no codes"
    has_fractions = content.numbers.decimal is not None and content.share_of_numbers >= HALF
    if field["name"] == "organ" and (content.share_of_numbers > HALF and len(content.texts) > FEW_CODES):
        return False, "numbers"
    return (False, "numbers") if has_fractions else (None, "")
