"""Domains that say nothing of where somebody works: mail for everybody, and suffixes under which anybody registers.

Data only, kept short on purpose: what the offices and evaluators of such calls really use. A problem adds its own in
`public_domains`. Suffixes follow the registries' published second levels; where a country is not listed, the second
levels that registries of countries commonly keep for everybody (`COMMON`) are taken for suffixes too. To err on that
side costs a suspicion; to err on the other would make colleagues of everybody under gov.xx.
"""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Mail for everybody, and for all public servants at once (korea.kr): no employer can be read from these.
PROVIDERS = _names("""
    gmail.com googlemail.com outlook.com outlook.kr hotmail.com hotmail.co.kr live.com live.co.kr msn.com
    naver.com daum.net hanmail.net kakao.com nate.com empas.com korea.com hanmir.com dreamwiz.com chol.com
    paran.com lycos.co.kr freechal.com unitel.co.kr hitel.net kornet.net netian.com korea.kr
    yahoo.com yahoo.co.kr yahoo.co.jp yahoo.co.uk yahoo.co.id yahoo.co.in yahoo.com.vn yahoo.com.ph yahoo.com.sg
    ymail.com
    icloud.com me.com mac.com appleid.com aol.com mail.com gmx.com gmx.net gmx.de web.de
    proton.me protonmail.com pm.me tutanota.com tuta.com zoho.com fastmail.com hey.com duck.com
    qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com 139.com 189.cn
    mail.ru bk.ru inbox.ru list.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net i.ua meta.ua mail.kz mail.uz
    rediffmail.com libero.it orange.fr free.fr laposte.net t-online.de docomo.ne.jp ezweb.ne.jp softbank.ne.jp
    """)

#: Second levels that registries of countries commonly keep for everybody.
COMMON = _names("ac co com edu go gob gov gouv govt int mil ne net nom or org re sch")

#: Further second levels, by country.
BY_COUNTRY = {
    "kr": _names("""
        es hs kg ms pe sc ai io it me busan chungbuk chungnam daegu daejeon gangwon gwangju gyeongbuk gyeonggi
        gyeongnam incheon jeju jeonbuk jeonnam seoul ulsan
        """),
    "jp": _names("ad ed gr lg"),
    "uk": _names("ltd me nhs plc police"),
    "vn": _names("biz health info name pro id io ai"),
    "id": _names("biz desa my ponpes web"),
    "th": _names("in mi"),
    "my": _names("biz name"),
    "ph": _names("i ngo"),
    "sg": _names("per"),
    "in": _names("firm gen ind nic res"),
    "cn": _names("""
        ah bj cq fj gd gs gx gz ha hb he hi hk hl hn jl js jx ln mo nm nx qh sc sd sh sn sx tj tw xj xz yn zj
        """),
    "tw": _names("club ebiz game idv"),
    "au": _names("asn id"),
    "nz": _names("cri geek gen health iwi kiwi maori school"),
    "ua": _names("in kiev kyiv lviv odesa odessa kharkov kh dp dn zp"),
    "tr": _names("av bbs bel biz dr info k12 kep name pol tel tv web"),
    "br": _names("adv art eng leg jus mp"),
    "za": _names("law nis school web"),
}
