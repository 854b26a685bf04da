"""Hidden rows and columns in words."""

MOST_NAMED = 5


def listed(word: str, names: list) -> str:
    """`rows 2 and 3`; of many the first ones and how many there are."""
    names = [str(name) for name in names]
    if len(names) == 1:
        return f"{word} {names[0]}"
    if len(names) > MOST_NAMED:
        return f"{len(names)} {word}s ({', '.join(names[:MOST_NAMED])}, ...)"
    return f"{word}s {', '.join(names[:-1])} and {names[-1]}"
