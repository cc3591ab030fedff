"""The kinds of simulated documents, with their stages, titles, models and error messages."""

from typing import NamedTuple


class Stage(NamedTuple):
    """One stage of the work on a document."""

    name: str
    percent: float  # the progress it makes, in percentage points; the stages of a kind add up to 99
    share: float  # its share of the running time; the stages of a kind add up to about 1
    pace: str = "steady"  # or `plateau` (no progress in the middle), `jump` (no progress until its end)


class Kind(NamedTuple):
    """A kind of document."""

    stages: tuple[Stage, ...]
    seconds: tuple[float, float]  # the shortest and longest running time
    titles: tuple[str, ...]


BRIEF, REPORT, PAPER, REVIEW, BOOK = "brief", "report", "paper", "review", "book"

KINDS: dict[str, Kind] = {
    BRIEF: Kind(
        (
            Stage("Outline", 9, 0.10),
            Stage("Drafting", 70, 0.65),
            Stage("Polishing", 20, 0.25),
        ),
        (120, 240),
        (
            "Press release: the new tram line opens",
            "Two-page brief on school meals",
            "Memo to the board: heat pumps for Hall C",
            "Summary of the harbour hearing",
            "FAQ for the water meter exchange",
        ),
    ),
    REPORT: Kind(
        (
            Stage("Outline", 4, 0.03),
            Stage("Research", 25, 0.42, "plateau"),
            Stage("Drafting", 45, 0.30),
            Stage("Fact checking", 15, 0.18),
            Stage("Polishing", 10, 0.07),
        ),
        (480, 1800),
        (
            "Quarterly report: battery recycling in Europe",
            "Market study of refurbished phones",
            "Annual report of the Lindholm Foundation",
            "The state of rural broadband",
            "Flood risk along the lower Elbe",
        ),
    ),
    PAPER: Kind(
        (
            Stage("Outline", 5, 0.04),
            Stage("Collecting sources", 14, 0.22, "jump"),
            Stage("Drafting", 50, 0.40),
            Stage("Figures and tables", 15, 0.14, "jump"),
            Stage("Fact checking", 10, 0.15, "plateau"),
            Stage("Polishing", 5, 0.05),
        ),
        (1200, 2700),
        (
            "White paper: zero trust in small hospitals",
            "Why district heating wins in cold cities",
            "Hydrogen for shunting locomotives",
            "Post-quantum signatures for firmware",
            "Open standards for e-bus depots",
        ),
    ),
    REVIEW: Kind(
        (
            Stage("Searching databases", 6, 0.05),
            Stage("Screening abstracts", 20, 0.12),
            Stage("Reading 214 papers", 30, 0.52, "plateau"),
            Stage("Synthesis", 33, 0.20),
            Stage("Checking citations", 7, 0.09, "jump"),
            Stage("Polishing", 3, 0.02),
        ),
        (2400, 7200),
        (
            "Literature review: sleep and shift work",
            "Systematic review of urban tree mortality",
            "Microplastics in freshwater mussels, a survey",
            "What we know about bilingual dementia care",
            "Remote sensing of peatland fires",
        ),
    ),
    BOOK: Kind(
        (
            Stage("Outline", 2, 0.02),
            Stage("Research", 12, 0.24, "plateau"),
            *(Stage(f"Drafting chapter {number} of 14", 70 / 14, 0.54 / 14) for number in range(1, 15)),
            Stage("Editing", 12, 0.16),
            Stage("Assembling the manuscript", 3, 0.04, "jump"),
        ),
        (16200, 28800),
        (
            "The Salt Roads: a history",
            "A Gardener's Almanac for Dry Summers",
            "Night Trains: Europe in Couchettes",
            "The Patient Programmer",
            "Atlas of Small Islands",
        ),
    ),
}

FAILURES = (
    "The research tool timed out after 3 attempts while collecting sources.",
    "The writing model returned an empty section for 'Methods' (attempt 4 of 4).",
    "Upload 'appendix-b.pdf' could not be read: the file is encrypted.",
    "The model provider refused the request: the monthly quota of your key is used up.",
    "Internal error while assembling the document (reference 7f3a-19).",
)

MODERATIONS = (
    "The prompt was flagged by the content policy and the job was stopped.",
    "A source document was flagged by the content policy: personal data.",
)

MODELS = {
    "reasoning_model": ("ponder-3-large", "ponder-3", "abacus-2-pro"),
    "writing_model": ("quill-4", "quill-4-turbo", "longhand-2"),
    "function_model": ("switch-1-mini", "switch-1"),
}
"""The models to choose from, for each field of a job."""
