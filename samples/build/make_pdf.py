"""Writes documents/report-compute-ledger-2025.pdf. Needs reportlab; run from anywhere."""

from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

TARGET = Path(__file__).resolve().parent.parent / "documents" / "report-compute-ledger-2025.pdf"

STYLES = getSampleStyleSheet()
BODY = ParagraphStyle(
    "body", parent=STYLES["BodyText"], fontName="Times-Roman", fontSize=11, leading=15, spaceAfter=8
)
HEAD = ParagraphStyle(
    "head",
    parent=STYLES["Heading2"],
    fontName="Helvetica-Bold",
    fontSize=14,
    spaceBefore=10,
    spaceAfter=6,
)
SUB = ParagraphStyle(
    "sub",
    parent=STYLES["Heading3"],
    fontName="Helvetica-Bold",
    fontSize=11.5,
    spaceBefore=6,
    spaceAfter=4,
)
TITLE = ParagraphStyle(
    "title", parent=STYLES["Title"], fontName="Helvetica-Bold", fontSize=25, leading=30, alignment=0
)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=9, leading=12)

REPORT = [
    ("title", "The Compute Ledger 2025"),
    ("sub", "What two countries own, build and use in artificial intelligence"),
    (
        "body",
        "Fenwick Observatory, Report 7. June 2025. Written by Aurelio Banning and Kezia "
        "Thornquist.",
    ),
    ("head", "Summary"),
    (
        "body",
        "This report puts public figures about the United States and China side by side. It "
        "makes no forecast. Four findings stand out. First, American institutions still release "
        "more of the models that experts call notable, 40 against 15 in 2024. Second, the "
        "distance in quality has become small: on a widely watched public ranking the gap "
        "between the best American and the best Chinese model shrank from 9.26 percent in "
        "January 2024 to 1.70 percent in February 2025. Third, private money remains lopsided, "
        "at nearly twelve to one. Fourth, people in China are far more hopeful about the "
        "technology than people in the United States.",
    ),
    (
        "body",
        "Unless we say otherwise the figures are taken from the AI Index Report 2025 of "
        "Stanford University. Mistakes in copying are ours. Two figures that we could not trace "
        "to a source were left out; readers of Report 6 will miss the estimate of installed "
        "accelerators for this reason.",
    ),
    ("head", "1. How we count"),
    (
        "body",
        "A ledger is only as good as its columns. We count models by the country of the "
        "institution that released them. A model with authors in two countries is counted once "
        "in each. We do not count fine-tuned copies. Investment means private investment in AI "
        "companies that raised more than 1.5 million dollars; the budgets of governments and "
        "the internal spending of large firms are outside it. This matters a great deal for "
        "China, where the state acts as an investor through guidance funds, and for the "
        "American cloud companies, which pay for data centres out of their own pockets.",
    ),
    (
        "body",
        "Readers sometimes ask why the ledger has no column for military use. The answer is "
        "that we found no figure in either country that we would be willing to defend in front "
        "of an auditor.",
    ),
    ("break", ""),
    ("head", "2. Models and money"),
    (
        "body",
        "Table 1 shows the main columns. The American lead in the number of notable models is "
        "real but smaller than it was: in 2023 the count stood at 61 to 15 in the edition "
        "published a year ago. Industry now produces nearly 90 percent of notable models "
        "worldwide, up from 60 percent in 2023. Universities have become customers of the "
        "companies that used to hire their students.",
    ),
    ("table1", ""),
    (
        "small",
        "Table 1. Notable models released in 2024, private AI investment in 2024, and share of "
        "adults who see more benefits than drawbacks in AI products and services. A dash means "
        "that we have no figure.",
    ),
    (
        "body",
        "Private investment in the United States came to 109.1 billion dollars in 2024. That is "
        "nearly twelve times the Chinese figure of 9.3 billion dollars and twenty-four times "
        "the British one. Generative AI alone drew 33.9 billion dollars worldwide, 18.7 percent "
        "more than in 2023.",
    ),
    (
        "body",
        "Patents tell the opposite story. China accounted for 69.7 percent of all AI patents "
        "granted in 2023. We advise caution: a patent granted at home and never filed abroad "
        "costs little, and most Chinese patents are of this kind.",
    ),
    ("sub", "2.1 Who pays in China"),
    (
        "body",
        "The Chinese column of Table 1 looks thin because much of the money does not pass "
        "through the hands of private investors. The third national fund for the chip industry "
        "was set up in May 2024 with 344 billion yuan, and its largest shareholder is the "
        "Ministry of Finance. Provinces and cities run funds of their own. Nobody adds them up, "
        "and two reviewers of this report who tried arrived at sums that differ by half.",
    ),
    (
        "body",
        "On the American side the CHIPS and Science Act set aside 52.7 billion dollars for "
        "semiconductors. By the end of 2024 most of the manufacturing grants had been awarded "
        "on paper; far less had been paid out, since the money follows the milestones of each "
        "building site.",
    ),
    ("break", ""),
    ("head", "3. Quality"),
    (
        "body",
        "Benchmarks wear out quickly, and a small difference between two models can be noise. "
        "Even so, all of them point in one direction. On MMLU, a test of general knowledge, the "
        "best American model led the best Chinese model by 17.5 percentage points at the end of "
        "2023; a year later it led by 0.3 points. On HumanEval, a test of programming, the lead "
        "fell from 31.6 to 3.7 points over the same twelve months.",
    ),
    (
        "body",
        "Aurelio Banning, who compiled this section, would not call it parity. He notes that a "
        "test which both sides pass can no longer tell them apart, and that the newer and "
        "harder tests have not been run often enough on Chinese models. Kezia Thornquist takes "
        "the other side: in her opinion the remaining differences are of no interest to a "
        "person who wants a contract translated.",
    ),
    ("sub", "3.1 Compute for training"),
    (
        "body",
        "The compute used to train notable models doubles about every five months. The data "
        "sets double every eight months, the use of power every year. No supply chain in the "
        "history of industry has been asked to keep such a pace for long.",
    ),
    ("sub", "3.2 Prices for use"),
    (
        "body",
        "The price of a fixed level of quality falls even faster than the hardware improves. To "
        "query a model as good as GPT-3.5 cost 20 dollars per million tokens in November 2022. "
        "By October 2024 the price was 7 cents, a drop of more than 280 times in about two "
        "years. We know of no comparable series for Chinese prices, although the price war of "
        "May 2024, in which several Chinese companies cut their rates by more than 90 percent, "
        "suggests that it would look similar.",
    ),
    ("head", "4. The chips in question"),
    (
        "body",
        "Table 2 lists the Nvidia data centre chips that come up in debates about export "
        "controls. The A800 and the H800 were made to meet the limits of October 2022 and were "
        "caught by the revision of October 2023. The H20 was made to meet the revised limits "
        "and has needed a licence since April 2025.",
    ),
    ("table2", ""),
    (
        "small",
        "Table 2. Selected Nvidia data centre chips. Link means the NVLink bandwidth between "
        "chips, in gigabytes per second.",
    ),
    ("break", ""),
    ("head", "5. Use and trust"),
    (
        "body",
        "In surveys, 83 percent of respondents in China see AI products and services as more "
        "beneficial than harmful. In the United States it is 39 percent. Among organisations "
        "asked for the AI Index, 78 percent said that they used AI in 2024, after 55 percent in "
        "the year before.",
    ),
    (
        "body",
        "Factories offer a harder measure than surveys. China installed 276,300 industrial "
        "robots in 2023, which was more than half of all the robots installed that year in the "
        "world. Most of them are not intelligent in any sense that this report would recognise, "
        "but they are the place where AI will meet physical work.",
    ),
    ("sub", "5.1 People"),
    (
        "body",
        "Talent is the column with the poorest data. The count that is quoted most often comes "
        "from MacroPolo and refers to 2022: 47 percent of top-tier AI researchers had taken "
        "their first degree in China. The think tank closed in 2024, so the series will "
        "probably not be continued. We print the figure with a warning that it says where "
        "people studied and not where they work or whom they work for.",
    ),
    ("head", "6. Electricity"),
    (
        "body",
        "According to the International Energy Agency the United States is home to 45 percent "
        "of the electricity use of data centres and China to 25 percent. We have not found a "
        "reliable figure for the part of this which is due to AI. Estimates in the press differ "
        "by a factor of four, and we print none of them.",
    ),
    ("break", ""),
    ("head", "7. What the ledger cannot show"),
    (
        "body",
        "A balance sheet lists what is owned and owed on one day. It says nothing about "
        "purpose. Two columns of equal length can belong to a hospital and a casino. We close "
        "with three open questions that we could not settle from public data: how many "
        "controlled chips reached China through third countries, what the state funds of "
        "Chinese provinces spent on computing centres, and how much of the American building "
        "plan will be finished.",
    ),
    (
        "body",
        "The observatory thanks the eleven reviewers who read a draft, and the one who returned "
        "it with the remark that ledgers are written by winners. Report 8 is planned for the "
        "spring of 2026 and will add India and the Gulf states.",
    ),
    ("head", "Erratum"),
    (
        "body",
        "Erratum to Report 6: On page 12 we put the number of signatories of the Bletchley "
        "Declaration at 27 countries. The correct number is 28 countries and the European "
        "Union.",
    ),
    ("head", "About the observatory"),
    (
        "body",
        "The Fenwick Observatory is a charity with six employees. It accepts no money from "
        "makers of chips or models. Its annual budget of 640,000 pounds comes from two "
        "foundations and the sale of a surprisingly popular calendar.",
    ),
]

TABLE1 = [
    ["Country", "Notable models 2024", "Private investment 2024", "More benefits"],
    ["United States", "40", "$109.1 billion", "39 %"],
    ["China", "15", "$9.3 billion", "83 %"],
    ["United Kingdom", "-", "$4.5 billion", "-"],
    ["Europe as a whole", "3", "-", "-"],
]
TABLE2 = [
    ["Chip", "Made for", "Memory", "Link"],
    ["A100", "all markets", "80 GB", "600"],
    ["A800", "China", "80 GB", "400"],
    ["H100", "all markets", "80 GB", "900"],
    ["H800", "China", "80 GB", "400"],
    ["H20", "China", "96 GB", "900"],
    ["H200", "all markets", "141 GB", "900"],
]
GRID = TableStyle(
    [
        ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 9.5),
        ("FONT", (0, 1), (-1, -1), "Helvetica", 9.5),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
        ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.grey),
    ]
)


def decorate(canvas, template):
    """Running header and footer of a page."""
    canvas.saveState()
    canvas.setFont("Helvetica", 8)
    canvas.drawString(25 * mm, 284 * mm, "FENWICK OBSERVATORY | THE COMPUTE LEDGER 2025")
    canvas.drawRightString(185 * mm, 284 * mm, "Report 7")
    canvas.drawString(25 * mm, 12 * mm, "Free to copy with attribution")
    canvas.drawRightString(185 * mm, 12 * mm, f"Page {template.page}")
    canvas.restoreState()


def main() -> None:
    """Build the report."""
    styles = {"title": TITLE, "head": HEAD, "sub": SUB, "body": BODY, "small": SMALL}
    story = []
    for kind, words in REPORT:
        if kind == "break":
            story.append(PageBreak())
        elif kind == "table1":
            story += [
                Table(TABLE1, style=GRID, colWidths=[40 * mm, 40 * mm, 45 * mm, 32 * mm]),
                Spacer(1, 6),
            ]
        elif kind == "table2":
            story += [
                Table(TABLE2, style=GRID, colWidths=[30 * mm, 45 * mm, 35 * mm, 30 * mm]),
                Spacer(1, 6),
            ]
        else:
            story.append(Paragraph(words, styles[kind]))
    template = SimpleDocTemplate(
        str(TARGET),
        pagesize=A4,
        leftMargin=25 * mm,
        rightMargin=25 * mm,
        topMargin=25 * mm,
        bottomMargin=25 * mm,
        title="The Compute Ledger 2025",
        author="Fenwick Observatory",
        invariant=1,
    )
    template.build(story, onFirstPage=decorate, onLaterPages=decorate)


if __name__ == "__main__":
    main()
