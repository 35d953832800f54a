"""Papers for the story: one-page PDF files that say what they stand for."""


def paper(title: str, number: str) -> bytes:
    """Make a small valid PDF that shows a title in Latin letters and a number."""
    shown = f"BT /F1 18 Tf 60 760 Td (DEMO {_plain(title)}) Tj 0 -30 Td ({_plain(number)}) Tj ET"
    stream = shown.encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    whole = bytearray(b"%PDF-1.4\n")
    places = []
    for count, body in enumerate(objects, start=1):
        places.append(len(whole))
        whole += b"%d 0 obj\n%s\nendobj\n" % (count, body)
    table = len(whole)
    whole += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        whole += b"%010d 00000 n \n" % place
    whole += b"trailer << /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(whole) + b"startxref\n%d\n%%%%EOF\n" % table


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isascii() and letter not in "()\\")
