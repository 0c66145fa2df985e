"""Makes workbooks inside a test: by openpyxl as a spreadsheet would, or part by part."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook

HEADINGS = ("Kundennummer", "Name", "Berater", "Umsatz")
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
PARTS = {
    "_rels/.rels": f"""<Relationships><Relationship Id="r1" Type="{RELATED}/officeDocument"
        Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f"""<workbook {MAIN} xmlns:r="{RELATED}"><sheets>
        <sheet name="Kunden" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships><Relationship Id="r1"
        Type="{RELATED}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>""",
}


def workbook(*rows: Iterable[Any], headings: Iterable[Any] = HEADINGS) -> Workbook:
    """Return a workbook with one sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Kunden"
    for row in (headings, *rows):
        sheet.append(list(row))
    return book


def saved(book: Workbook) -> bytes:
    """Return a workbook's bytes."""
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def packed(cells: str, parts: Mapping[str, str | bytes] | None = None, rows: str = "") -> bytes:
    """Pack a workbook whose sheet has these cells in row 2, below the usual heading."""
    first = "".join(
        f'<c r="{letter}1" t="inlineStr"><is><t>{heading}</t></is></c>'
        for letter, heading in zip("ABCD", HEADINGS, strict=True)
    )
    sheet = f"""<worksheet {MAIN}><sheetData><row r="1">{first}</row><row r="2">{cells}</row>
        {rows}</sheetData></worksheet>"""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {**PARTS, "xl/worksheets/sheet1.xml": sheet, **(parts or {})}.items():
            archive.writestr(name, part)
    return data.getvalue()


def client(revenue: str = '<c r="D2"><v>5000</v></c>') -> str:
    """Return the cells of one good row."""
    texts = zip("ABC", ("1001", "Familie Huber", "anna"), strict=True)
    return revenue_after(
        "".join(f'<c r="{at}2" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in texts),
        revenue,
    )


def revenue_after(cells: str, revenue: str) -> str:
    """Put the revenue after the other cells."""
    return cells + revenue
