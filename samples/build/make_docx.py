"""Writes documents/memo-supply-exposure.docx. Needs python-docx; run from anywhere."""

from datetime import datetime
from pathlib import Path

from docx import Document

TARGET = Path(__file__).resolve().parent.parent / "documents" / "memo-supply-exposure.docx"

MEMO = [
    ("Title", "Memo: Our exposure to the chip and metals dispute"),
    ("Normal", "To: Board of Aldgate Instruments"),
    ("Normal", "From: Ottoline Pruss, Head of Supply"),
    ("Normal", "Date: 22 July 2025"),
    ("Normal", "Status: for decision at the meeting of 5 August"),
    ("Heading 1", "In short"),
    (
        "Normal",
        "We buy from both sides of the dispute between Washington and Beijing. Our optical "
        "sensors need germanium, and most of it is refined in China. Our inspection software "
        "runs on American accelerators. I ask the board for 1.2 million euros to build a stock "
        "of germanium for nine months and to move half of our computing to rented machines.",
    ),
    ("Heading 1", "What has changed"),
    ("Heading 2", "Metals"),
    (
        "Normal",
        "China has required export licences for gallium and germanium since 1 August 2023. On 3 "
        "December 2024 it went further and banned their export to the United States, along with "
        "antimony. As a European buyer we are not under the ban, but the licence for our last "
        "shipment took 74 days where it used to take 40.",
    ),
    ("Heading 2", "Accelerators"),
    (
        "Normal",
        "The American diffusion rule of January would have put our plant in Lisbon into the "
        "middle group of countries. It was rescinded in May and never applied to us. Counsel "
        "(Mr. Drummond) expects another rule, and advises us to sign no rental contract longer "
        "than eighteen months.",
    ),
    (
        "Normal",
        "In April the H20 was put under a licence rule. This does not concern us directly, "
        "since we have never bought that chip. Our partner in Suzhou did, and its project is "
        "delayed.",
    ),
    ("Heading 2", "Prices"),
    (
        "Normal",
        "Germanium cost us 1,480 euros per kilogram in January 2023 and 2,910 euros in June "
        "2025, so the price has nearly doubled. For gallium we have seen a smaller rise. Rented "
        "computing is the one line that has become cheaper: an hour on an H100 costs us 2.60 "
        "euros, after 4.10 euros a year ago.",
    ),
    ("Heading 1", "Where we are exposed"),
    ("table", ""),
    ("Heading 1", "Options"),
    (
        "List Bullet",
        "Option A: do nothing. No cost now. A stop in deliveries would idle the sensor line "
        "after five weeks.",
    ),
    (
        "List Bullet",
        "Option B: build a stock of germanium for nine months and rent half of our computing. "
        "Cost: 1.2 million euros.",
    ),
    (
        "List Bullet",
        "Option C: redesign the sensor for silicon. Cost: 4 million euros and two years. The "
        "engineers do not like it.",
    ),
    (
        "Normal",
        "I recommend Option B. Finance (Ms. Abebe) prefers Option A for this year because of "
        "the loan that falls due in November. We agree that Option C is too slow.",
    ),
    (
        "Normal",
        "The stock would be kept in the Braga warehouse, which is insured for it. Jorge "
        "Salgueiro has offered to manage it in addition to his present duties. If the licence "
        "rules are lifted, we can use up the stock within a year and lose only the interest.",
    ),
    ("Heading 1", "What I do not know"),
    (
        "Normal",
        "I cannot tell the board whether Recyclo Norte can deliver recycled germanium in the "
        "purity that we need; tests run until the end of September. I have no reliable price "
        "for a contract of two years.",
    ),
    ("Heading 1", "Correction to my memo of 3 June"),
    (
        "Normal",
        "In June I wrote that 60 percent of our germanium comes from China. This was the share "
        "of the invoices. By weight it is 78 percent. Please use the second figure.",
    ),
]

ROWS = [
    ("Item", "Supplier", "Share from China", "Weeks in stock"),
    ("Germanium lenses", "Yunnan partner, Recyclo Norte", "78 %", "5"),
    ("Gallium wafers", "Freiberg house", "20 %", "11"),
    ("Accelerator boards", "American distributor", "0 %", "3"),
    ("Camera housings", "Braga workshop", "0 %", "26"),
]


def main() -> None:
    """Build the memo."""
    memo = Document()
    memo.core_properties.author = "Ottoline Pruss"
    memo.core_properties.title = "Our exposure to the chip and metals dispute"
    memo.core_properties.created = memo.core_properties.modified = datetime(2025, 7, 22, 9, 30)
    memo.sections[0].header.paragraphs[0].text = "Aldgate Instruments - confidential"
    memo.sections[0].footer.paragraphs[0].text = "Supply memo 14/2025"
    for style, words in MEMO:
        if style == "table":
            table = memo.add_table(rows=0, cols=4, style="Table Grid")
            for row in ROWS:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
            memo.add_paragraph("Table 1. Stock on 30 June 2025.", style="Caption")
        else:
            memo.add_paragraph(words, style=style)
    memo.save(TARGET)


if __name__ == "__main__":
    main()
