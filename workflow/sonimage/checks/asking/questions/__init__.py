"""What a site is asked: a sentence for each query rule, in English and in Dutch, and which values are shown beside."""

from sonimage.checks.asking.questions import (
    follow_up,
    lesions_and_sizes,
    neighbours,
    pet,
    reading_and_links,
    responses,
)
from sonimage.checks.asking.questions.question import Question

QUESTIONS: dict[str, Question] = {
    rule_id: question
    for part in (follow_up, lesions_and_sizes, responses, pet, neighbours, reading_and_links)
    for rule_id, question in part.QUESTIONS.items()
}
LANGUAGES = ("en", "nl")
OTHERWISE = {
    "en": "Expected: {expected}. {remedy}. Is the value right?",
    "nl": "Verwacht: {expected}. {remedy}. Klopt de waarde?",
}


def ask(rule_id: str, expected: str, remedy: str, language: str) -> str:
    """The question of a rule as one sentence or two; of a rule without one, what it expects."""
    question = QUESTIONS.get(rule_id)
    if question is None:
        return OTHERWISE[language].format(expected=expected, remedy=remedy.rstrip("."))
    return question.dutch if language == "nl" else question.english


def shown_beside(rule_id: str) -> tuple[str, ...]:
    """What stands beside the value that a rule asks about."""
    return QUESTIONS[rule_id].beside if rule_id in QUESTIONS else ("expected",)
