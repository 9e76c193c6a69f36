"""Legal forms in the names of organisations: what may stand or be left out without another organisation being meant.

Data only. Everything is in the form that comparing uses: NFKC, lower case, no accents on Latin letters, no points.
A longer form stands before a shorter one that it contains.
"""

from __future__ import annotations

#: In round brackets, anywhere: (주)한빛, 한빛(유). The signs ㈜ and ㈔ become these by NFKC.
BRACKETED = ("주", "유", "재", "사", "학", "의", "복", "합", "株", "有")

#: Before the name, as whole words.
LEADING: tuple[tuple[str, ...], ...] = (
    ("cong", "ty", "trach", "nhiem", "huu", "han"),
    ("cong", "ty", "co", "phan"),
    ("cong", "ty", "tnhh"),
    ("the",),
    ("pt",),
    ("ооо",),
    ("оао",),
    ("зао",),
    ("пао",),
    ("ао",),
    ("тоо",),
)

#: After the name, as whole words; stripped again and again: Co., Ltd. is two of them.
TRAILING: tuple[tuple[str, ...], ...] = (
    ("joint", "stock", "company"),
    ("sdn", "bhd"),
    ("co",),
    ("ltd",),
    ("inc",),
    ("corp",),
    ("corporation",),
    ("company",),
    ("limited",),
    ("incorporated",),
    ("llc",),
    ("llp",),
    ("plc",),
    ("gmbh",),
    ("ag",),
    ("sa",),
    ("sas",),
    ("sarl",),
    ("spa",),
    ("srl",),
    ("bv",),
    ("nv",),
    ("ab",),
    ("oy",),
    ("pte",),
    ("pty",),
    ("pvt",),
    ("bhd",),
    ("tbk",),
    ("jsc",),
    ("kk",),
    ("ххк",),
)

#: Before or behind, also without a space: 주식회사한빛, 한빛주식회사.
ATTACHED = (
    "농업회사법인",
    "사회복지법인",
    "유한책임회사",
    "股份有限公司",
    "有限责任公司",
    "주식회사",
    "유한회사",
    "합자회사",
    "합명회사",
    "재단법인",
    "사단법인",
    "학교법인",
    "의료법인",
    "株式会社",
    "有限会社",
    "有限公司",
)
