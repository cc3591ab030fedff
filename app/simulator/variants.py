"""Optional differences between the simulated API and the documented one, such as those seen on real servers."""

from dataclasses import dataclass

ENVELOPES = ("documents", "jobs", "data", "array")
PAGINGS = ("page", "cursor", "link")


@dataclass(frozen=True, kw_only=True)
class Variants:
    """Independent switches; the defaults are the documented API.

    Attributes:
        percent_as_fraction: Send `percent_complete` as 0 to 1 instead of 0 to 100.
        snake_case_stages: Send `reading_214_papers` instead of `Reading 214 papers`.
        fetch_documents: Offer GET /fetchDocuments; without it, 404.
        jobs: Offer GET /jobs; without it, 404.
        html_404: Answer 404 with an HTML page, as a web site would.
        envelope: The key around the array that /fetchDocuments answers with, or `array` for a bare one.
        paging: How a list names its next page: `page` (page numbers), `cursor` or `link`; None for no pages.
        page_size: Items per page, at least 1.
        list_error: Answer every list request with this HTTP status, such as 401; None to answer normally.
        cancel_error: Answer every cancel with this HTTP status, such as 401; None to answer normally.
        documents: Whether completed jobs carry `output_url_pdf`.
        expired_links: How many links, counted from the first, are already expired when they are sent.
        expired_link_status: The HTTP status of the answer to an expired link: 403 or 404.

    Raises:
        ValueError: A value is out of its range.
    """

    percent_as_fraction: bool = False
    snake_case_stages: bool = False
    fetch_documents: bool = True
    jobs: bool = True
    html_404: bool = False
    envelope: str = "documents"
    paging: str | None = None
    page_size: int = 20
    list_error: int | None = None
    cancel_error: int | None = None
    documents: bool = True
    expired_links: int = 0
    expired_link_status: int = 403

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        if self.envelope not in ENVELOPES:
            raise ValueError(f"the envelope must be one of {', '.join(ENVELOPES)}")
        if self.paging not in (None, *PAGINGS):
            raise ValueError(f"the paging must be one of {', '.join(PAGINGS)}")
        if self.page_size < 1:
            raise ValueError(f"the page size must be 1 or more, not {self.page_size}")
