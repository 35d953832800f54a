"""Files as people upload them, and files as nobody should: made here, byte by byte or by Pillow."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from PIL import Image, PngImagePlugin
from pypdf import PdfWriter

from app.demo.papers import paper

PDF = paper("invoice", "7")
GPS_IFD = 0x8825
ORIENTATION = 0x0112
SECRET_WORD = b"330127-where-the-family-lives"


OFD_ROOT = (
    b'<?xml version="1.0"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0">'
    b"<ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
)


def ofd(more: dict[str, bytes] | None = None, *, pages: int = 1, root: bytes = OFD_ROOT) -> bytes:
    """An electronic invoice in little: a root, a document with pages, and what else is wanted."""
    listed = b"".join(b'<ofd:Page ID="%d"/>' % number for number in range(pages))
    document = b'<ofd:Document xmlns:ofd="o"><ofd:Pages>%s</ofd:Pages></ofd:Document>' % listed
    entries = {"OFD.xml": root, "Doc_0/Document.xml": document, **(more or {})}
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as book:
        for name, content in entries.items():
            book.writestr(name, content)
    return out.getvalue()


def picture(
    shape: str = "JPEG", size: tuple[int, int] = (64, 48), colour: tuple[int, int, int] = (9, 8, 7)
) -> Image.Image:
    """A picture with a bright corner, so that turning it would be seen."""
    made = Image.new("RGB", size, colour)
    made.paste((250, 250, 250), (0, 0, size[0] // 4, size[1] // 4))
    return made


def jpeg(*, orientation: int | None = None, **made: object) -> bytes:
    """A photograph as a phone makes it: with its place, its camera and a comment."""
    exif = Image.Exif()
    exif[0x010F] = SECRET_WORD.decode()  # the camera's maker
    exif.get_ifd(GPS_IFD)[1] = SECRET_WORD.decode()
    if orientation is not None:
        exif[ORIENTATION] = orientation
    out = BytesIO()
    picture(**made).save(  # type: ignore[arg-type]
        out, "JPEG", exif=exif, comment=SECRET_WORD, xmp=b"<x>" + SECRET_WORD + b"</x>", quality=83
    )
    return out.getvalue()


def png(**made: object) -> bytes:
    """A screenshot with a text chunk."""
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", SECRET_WORD.decode())
    out = BytesIO()
    picture(**made).save(out, "PNG", pnginfo=words)  # type: ignore[arg-type]
    return out.getvalue()


def blank_pages(count: int) -> bytes:
    """A PDF of so many pages."""
    writer, out = PdfWriter(), BytesIO()
    for _ in range(count):
        writer.add_blank_page(595, 842)
    writer.write(out)
    return out.getvalue()


def pdf(extra: bytes, *, catalog: bytes = b"") -> bytes:
    """A PDF with one more object, and more words in its catalog."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        extra,
    ]
    whole, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(whole))
        whole += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(whole)
    whole += b"xref\n0 5\n0000000000 65535 f \n"
    whole += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(whole) + b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table
