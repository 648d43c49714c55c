"""Words about somebody's health, where a person says them of themselves or of theirs."""

import re
from collections.abc import Iterator

from model.recognisers.prepared import PreparedText
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
    "|anaphyla\\w{1,6}|epi-?pen|coeliac|celiac|(?:gluten|lactose|fructose|histamine)[ -]intoleran(?:t|ce)|blood"
    " thinners?"
    "|haemophilia|hemophilia|arthritis|endometriosis|dyslexi[ac]|agoraphobi[ac]|miscarried|stillborn|hospice|palliative"
    "|(?:severe|peanut|nut|milk|egg|dairy|gluten|wheat|soya?|fish|shellfish|latex|sesame) allergy"
    "|diabetiker(?:in)?|zuckerkrank|krebs|schwanger|depressionen|epileptiker(?:in)?|bluthochdruck"
    "|diabetique|enceinte|epileptique|asthmatique|sclerose en plaques|cancereux"
    "|diabetic[oa]s?|embarazada|epileptic[oa]|asmatic[oa]|celiac[oa]|celiach?ia|incinta|gravida|zwanger|suikerziekte"
    "|diabetes|w ciazy|cukrzyce"
    "|mental illness|mental health condition|panic disorder|anxiety disorder|hysterectomy|mastectomy|biopsy"
)
_CONDITION = re.compile(rf"(?<![a-z])(?:{_CONDITIONS})(?![a-z])")
_DIAGNOSED = re.compile(
    r"(?<![a-z])(?:diagnosed with|diagnosis (?:is|of)|medication for|prescription for|treated for)[ ](?!the |this "
    r"|that |your |a |my |our )(?P<value>[a-z][a-z' -]{2,30}?)(?=[.,;!?\n)]|[ ](?:and|so|but|which|that|last|this"
    r"|in|on|at|since|i|we|my|for)[ ]|$)"
)
# What people are allergic to, so that "allergic to Mondays" is no illness.
_ALLERGENS = (
    "nuts?|peanuts?|tree nuts?|hazelnuts?|almonds?|cashews?|walnuts?|pistachios?|milk|dairy|lactose|casein|eggs?"
    "|gluten|wheat"
    "|rye|barley|oats?|soya?|fish|shellfish|seafood|prawns?|shrimps?|crustaceans?|molluscs?|sesame|mustard|celery|lupin"
    "|sulphites?|sulfites?|strawberr(?:y|ies)|kiwis?|bananas?|citrus|tomato(?:es)?|avocados?|chocolate|honey"
    "|yeast|latex|nickel"
    "|wool|feathers?|down|cats?|dogs?|horses?|pollen|dust|mites?|mould|mold|penicillin|antibiotics?|aspirin"
    "|ibuprofen|perfumes?"
    "|fragrances?|parabens?|lanolin|bees?|wasps?|insect bites?|msg|food colou?ring|red dye|dyes?|formaldehyde"
    "|nusse?n?|erdnusse?n?|haselnusse?n?|milch|eier|weizen|soja|fisch|meeresfruchte|schalentiere|sellerie|senf"
    "|katzen|hunde|hausstaub"
    "|noix|arachides?|cacahuetes?|lait|oeufs?|ble|poissons?|crustaces|fruits de mer|chats?"
    "|nueces|cacahuetes?|frutos secos|leche|huevos?|trigo|pescado|mariscos?|gatos?"
    "|noci|arachidi|frutta secca|latte|uova|grano|pesce|crostacei|noten|pinda'?s?|melk|eieren|tarwe|vis|schaaldieren"
    "|nozes|amendoim|leite|ovos|orzechy|mleko|jajka|gluten"
)
_ALLERGIC = re.compile(
    r"(?<![a-z])(?:(?:severely |highly |very |seriously |deathly )?(?:allergic|intolerant) (?:to|of)|allerg(?:y|ies) to"
    r"|allergisch (?:gegen|auf|voor)|allergie (?:gegen|aux?|a la|voor)|allergique (?:aux?|a la|a l')"
    r"|alergic[oa]s? (?:a los|a las|al?|aos?)"
    r"|allergic[oa] (?:a|al|alle?|ai|agli)|alergia (?:a|na)|uczulon[ya] na)[ ]?(?:the |all |some |any |most |raw"
    r" |tree |cow'?s |la |las |los )?"
    rf"(?:{_ALLERGENS})(?:(?:,| and| or| und| oder| et| ou| y| o| e| en| of)[ ](?:{_ALLERGENS}))*(?![a-z])"
)
_WHO = frozenset(
    "i i'm im ive my me mine we our us he she his her hes shes wife husband partner son daughter mother father mom"
    " mum dad child kid baby"
    " brother sister grandmother grandfather grandma grandpa myself patient am"
    " ich bin mein meine meiner sohn tochter mutter vater frau mann kind oma opa"
    " je suis mon ma fils fille mere pere mari femme enfant"
    " soy estoy tengo mi hijo hija madre padre marido mujer"
    " sono ho mio mia figlio figlia marito moglie ik ben mijn heb zoon dochter sou estou meu minha filho filha"
    " jestem mam".split()
)
_OTHERS = re.compile(
    r"(?:g[ia]ve me|gives me|giving me|like a|research|awareness|charity|society|foundation|stroke of)[ ](?:a |an )?$"
)
_CLAUSE_ENDS = ".!?;\n"
_CLAUSE_END = re.compile(f"[{_CLAUSE_ENDS}]")
_WORDS = re.compile(r"[a-z']++")
_TOO_COMMON = frozenset(
    "s positive failure attack condition disease heart multiple brain health mental disorder ill terminally w en"
    " t in ce pen milk nut egg"
    " fish soy soya wheat dairy shellfish sesame latex peanut blood severe plaques".split()
)
HEALTH_WORDS = (
    frozenset(re.findall(r"[a-z]+", re.sub(r"\?|\[.*?\]", "", _CONDITIONS))) - _TOO_COMMON
    | frozenset("diagnosed diagnosis medication prescription seizure tumour tumor antidepressant kidney".split())
    | frozenset("heart brain mental alzheimers parkinsons crohns terminally epipen".split())
    | frozenset(
        "allergic intolerant allergy allergies allergisch allergie allergique alergico alergica alergicos".split()
    )
    | frozenset(
        "alergia allergico allergica uczulony uczulona ciazy anaphylaxis anaphylactic dyslexic dyslexia".split()
    )
)


def _conditions(reading: PreparedText) -> Iterator[Sighting]:
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
    for match in _ALLERGIC.finditer(lower):
        yield Sighting(*match.span(), HEALTH, 0.75, "health", context=("allergic",))
    for match in _DIAGNOSED.finditer(lower):
        yield Sighting(*match.span("value"), HEALTH, 0.7, "health", context=(match[0].split()[0],))


CONDITIONS = Recogniser("health", _conditions, words=HEALTH_WORDS)
