"""Words about somebody's health, where a person says them of themselves or of theirs."""

import re
from collections.abc import Iterator

from model.recognisers.reading import Reading
from model.recognisers.sighting import Recogniser, Sighting

HEALTH = "health"

_CONDITIONS = (
    "diabetes|diabetic|insulin|epilepsy|epileptic|seizures|cancer|leukemia|leukaemia|lymphoma|chemo|chemotherapy"
    "|radiotherapy|hiv|hiv[- ]positive"
    "|hepatitis|tuberculosis|pregnant|miscarriage|ivf|bipolar|schizophrenia|schizophrenic|autism"
    "|autistic|ptsd|adhd|dementia"
    "|alzheimer'?s|parkinson'?s|multiple sclerosis|crohn'?s|lupus|asthma|asthmatic|copd|dialysis|kidney failure"
    "|heart attack|heart condition"
    "|heart disease|heart surgery|heart failure|stroke|brain tumou?r|tumou?r|antidepressants?|clinical depression"
    "|postnatal depression|eating disorder"
    "|anorexia|bulimia|suicidal|overdose|sexually transmitted|herpes|chlamydia|syphilis|gonorrhea|transplant|cystic"
    " fibrosis|terminally ill"
    "|mental illness|mental health condition|panic disorder|anxiety disorder|hysterectomy|mastectomy|biopsy"
)
_CONDITION = re.compile(rf"(?<![a-z])(?:{_CONDITIONS})(?![a-z])")
_DIAGNOSED = re.compile(
    r"(?<![a-z])(?:diagnosed with|diagnosis (?:is|of)|medication for|prescription for|treated for)[ ](?!the |this "
    r"|that |your |a |my |our )(?P<value>[a-z][a-z' -]{2,30}?)(?=[.,;!?\n)]|[ ](?:and|so|but|which|that|last|this"
    r"|in|on|at|since|i|we|my|for)[ ]|$)"
)
_WHO = frozenset(
    "i i'm im ive my me mine we our us he she his her hes shes wife husband partner son daughter mother father mom"
    " mum dad child kid baby"
    " brother sister grandmother grandfather grandma grandpa myself patient am".split()
)
_OTHERS = re.compile(
    r"(?:g[ia]ve me|gives me|giving me|like a|research|awareness|charity|society|foundation|stroke of)[ ](?:a |an )?$"
)
_CLAUSE_ENDS = ".!?;\n"
_CLAUSE_END = re.compile(f"[{_CLAUSE_ENDS}]")
_WORDS = re.compile(r"[a-z']++")
_TOO_COMMON = frozenset(
    "s positive failure attack condition disease heart multiple brain health mental disorder ill terminally".split()
)
HEALTH_WORDS = (
    frozenset(re.findall(r"[a-z]+", re.sub(r"\?|\[.*?\]", "", _CONDITIONS))) - _TOO_COMMON
    | frozenset("diagnosed diagnosis medication prescription seizure tumour tumor antidepressant kidney".split())
    | frozenset("heart brain mental alzheimers parkinsons crohns terminally".split())
)


def _conditions(reading: Reading) -> Iterator[Sighting]:
    lower = reading.lower
    for match in _CONDITION.finditer(lower):
        left = lower[max(0, match.start() - 70) : match.start()]
        clause = left[max(map(left.rfind, _CLAUSE_ENDS)) + 1 :]
        after = _CLAUSE_END.split(lower[match.end() : match.end() + 40], maxsplit=1)[0]
        who = tuple(sorted(_WHO.intersection(_WORDS.findall(clause) + _WORDS.findall(after))))
        is_figure = match[0] == "cancer" and clause.endswith(" a ")
        if who and not is_figure and not _OTHERS.search(clause):
            yield Sighting(*match.span(), HEALTH, 0.75, "health", context=who)
        else:
            yield Sighting(*match.span(), HEALTH, 0.3, "health", let_go="said of nobody in particular")
    for match in _DIAGNOSED.finditer(lower):
        yield Sighting(*match.span("value"), HEALTH, 0.7, "health", context=(match[0].split()[0],))


CONDITIONS = Recogniser("health", _conditions, words=HEALTH_WORDS)
