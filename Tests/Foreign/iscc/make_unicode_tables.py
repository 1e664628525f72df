"""Writes Sources/ProvChain/Assets/ISCC/UnicodeDecompositions.swift from the Unicode Character Database.

    pip install 'unicodedata2==17.*' && python3 make_unicode_tables.py > <that file>

The version is that of the Swift standard library's properties (categories, lower case, combining classes),
which the code uses beside these tables.
"""
import textwrap

import unicodedata2 as unicode


def entries(compatible):
    """(scalar, its one-step decomposition), Hangul syllables left out since they are computed."""
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        field = unicode.decomposition(chr(code)).split()
        if field and (field[0][0] == "<") == compatible:
            yield code, [int(word, 16) for word in field if word[0] != "<"]


def packed(compatible):
    words, expected, previous, run = [], None, None, 0
    for code, parts in list(entries(compatible)) + [(None, None)]:
        successor = code == expected and previous is not None and parts == [previous + 1]
        if run and not successor:
            words.append(f"~{run:X}")
            run = 0
        if code is None:
            break
        if successor:
            run += 1
        else:
            if code != expected:
                words.append(f"@{code:X}")
            words.append("+".join(f"{part:X}" for part in parts))
        expected = code + 1
        previous = parts[0] if len(parts) == 1 else None
    return "\n".join(textwrap.wrap(" ".join(words), 112, initial_indent="        ", subsequent_indent="        "))


MAJOR = unicode.unidata_version.split(".")[0]
print(f'''\
/// The one-step decompositions of the Unicode Character Database {MAJOR}.0 (UnicodeData.txt, field 5), packed.
///
/// Written by Tests/Foreign/iscc/make_unicode_tables.py. `@` gives the next scalar, which then counts up by one
/// with every entry; an entry is its decomposition, joined by `+`; `~` and a number stands for so many entries
/// of one scalar, each the one before plus one. All numbers are hexadecimal. Unicode License v3.
enum UnicodeDecompositions {{
    static let version = (major: {MAJOR}, minor: 0)

    static let canonical: StaticString = """
{packed(False)}
        """

    static let compatible: StaticString = """
{packed(True)}
        """
}}''')
