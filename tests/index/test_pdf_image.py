import io
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from index.errors import LoadError
from index.library import Library
from index.pdf_image import Place, page_image
from models.fake import FakeEmbedder

SAMPLE = Path(__file__).parents[2] / "samples/documents/report-compute-ledger-2025.pdf"
CITED = "Private investment in the United States came to 109.1 billion dollars in 2024."


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library(tmp_path_factory.mktemp("pdf"), FakeEmbedder())
    library.add([SAMPLE])
    return library


def places(library: Library, words: str) -> tuple[int, list[Place]]:
    (document,) = library.store.documents()
    start = library.store.text(document.id).index(words)
    end = start + len(words)
    ranges = library.store.sources(document.id, start, end)
    text = library.store.text
    found = [
        Place(one.locator.box, text(document.id, max(start, one.start), min(end, one.end)))
        for one in ranges
        if one.locator.box
    ]
    return ranges[0].locator.page or 0, found


def dark_share(image: Image.Image, box: tuple[float, float, float, float]) -> float:
    left, top, width, height = box
    area = (left * image.width, top * image.height)
    area += ((left + width) * image.width, (top + height) * image.height)
    pixels = image.convert("L").crop(tuple(round(x) for x in area)).tobytes()
    return sum(pixel < 128 for pixel in pixels) / len(pixels)


def test_the_box_lies_over_the_cited_words_alone(library: Library) -> None:
    page, wanted = places(library, CITED)
    drawn = page_image(SAMPLE, page, wanted)
    (box,) = drawn.boxes
    (line,) = page_image(SAMPLE, page, [Place(wanted[0].box, "")]).boxes
    assert box[2] < 0.9 * line[2]  # the line goes on behind the sentence
    assert box[0] == pytest.approx(line[0], abs=0.005)
    picture = Image.open(io.BytesIO(drawn.webp))
    assert picture.size == (drawn.width, drawn.height)
    assert dark_share(picture, box) > 0.05


def test_words_over_two_lines_have_a_box_on_each(library: Library) -> None:
    words = "That is nearly twelve\ntimes the Chinese figure"
    page, wanted = places(library, words)
    first, second = page_image(SAMPLE, page, wanted).boxes
    assert first[1] < second[1]
    assert first[0] > second[0]


def test_words_that_are_not_found_leave_the_line(library: Library) -> None:
    page, wanted = places(library, CITED)
    odd = [Place(wanted[0].box, "no such words")]
    (box,) = page_image(SAMPLE, page, odd).boxes
    assert box[2] > 0.3


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_has_its_boxes_where_its_words_are(
    library: Library, tmp_path: Path, turn: int
) -> None:
    page, wanted = places(library, CITED)
    turned = tmp_path / "turned.pdf"
    document = pypdfium2.PdfDocument(SAMPLE)
    document[page - 1].set_rotation(turn)
    document.save(turned)
    document.close()
    drawn = page_image(turned, page, wanted)
    (box,) = drawn.boxes
    picture = Image.open(io.BytesIO(drawn.webp))
    assert dark_share(picture, box) > 0.05
    assert (box[3] > box[2]) == (turn != 180)


def test_errors_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"report.*none of number 99"):
        page_image(SAMPLE, 99, [])
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 nothing")
    with pytest.raises(LoadError, match=r"broken\.pdf cannot be opened"):
        page_image(broken, 1, [])
    with pytest.raises(LoadError, match=r"gone\.pdf cannot be opened"):
        page_image(tmp_path / "gone.pdf", 1, [])
