"""A call in words: what a programme officer or an applicant would want to read, section by section.

`describe(definition, language)` decides nothing and computes nothing but the identities of the budget. One function per
section; a section without content is left out. What a call never published is marked as a sample wherever it is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from madang.core.callspec.model import (
    Block,
    ByAppointment,
    ByGrade,
    ByRank,
    ByThreshold,
    ByVote,
    CapEach,
    ChoiceField,
    Computed,
    ConsortiumRole,
    Definition,
    FileField,
    FormField,
    Judged,
    Limit,
    MoneyField,
    NumberField,
    Quota,
    RowCell,
    RowsField,
    Share,
    Stage,
    TextField,
)
from madang.core.reasons import Malformed
from madang.papers import classifications
from madang.papers.outline import Bullets, Facts, Outline, Part, Row, Section, Table, TableRow, Words
from madang.papers.wording import Wording
from madang.words.labels import labels

_YES = re.compile(r"(?P<field>\w+)(\s*==\s*(?P<value>true|false))?")
_IS = re.compile(r"(?P<field>\w+)\s*(?P<sign>==|!=)\s*['\"](?P<value>[^'\"]*)['\"]")


def describe(definition: Definition, language: str) -> Outline:
    """The call in one language of the house (`ko`, `en`). Cost: linear in the definition."""
    return _Describer(definition, language).outline()


def _is_empty(part: Part) -> bool:
    return (isinstance(part, Facts) and not part.rows) or (isinstance(part, Bullets) and not part.items)


def _marked(block: Block, *fields: str) -> bool:
    """Whether a part, or one of its fields, was never published."""
    return block.sample is True or any(block.is_sample(field) for field in fields)


class _Describer:
    def __init__(self, definition: Definition, language: str) -> None:
        self.d = definition
        self.w = Wording(language)
        self.label = self.w.label
        self.stages = {s.id: self._stage_title(s) for s in definition.schedule.stages}

    def outline(self) -> Outline:
        sections = (
            self._section("about", self._about()),
            self._section("who", self._who()),
            self._section("when", self._when()),
            self._section("form", self._form()),
            self._section("papers", self._papers()),
            self._section("eligibility", self._eligibility()),
            self._section("review", self._review()),
            self._section("opinions", self._opinions()),
            self._section("scoring", self._scoring()),
            self._section("decision", self._decision()),
            self._section("money", self._money()),
            self._section("outcome", self._outcome()),
            self._section("announcement", self._announcement()),
        )
        d = self.d
        badges = [self.label(f"badge.{name}") for name in (d.intake.mode, d.decide.by, d.outcome.kind)]
        if _has_samples(d):
            badges.append(self.label("badge.sample"))
        return Outline(
            title=self.w.of(d.title),
            summary=self.w.of(d.summary),
            badges=tuple(badges),
            sections=tuple(section for section in sections if section.parts),
            language=self.w.language,
            sample_word=self.label("sample"),
        )

    # -- small pieces ---------------------------------------------------------------------------------------------

    def _section(self, id_: str, parts: Iterator[Part]) -> Section:
        told = tuple(part for part in parts if not _is_empty(part))
        return Section(id_, self.label(f"section.{id_}"), told)

    def _row(self, key: str, *values: str | Words, sample: bool = False, note: str = "") -> Iterator[Row]:
        """A fact, or nothing where there is no value."""
        words = tuple(v if isinstance(v, Words) else Words(v, sample, note) for v in values if v)
        if words:
            yield Row(self.label(key), words)

    def _table(self, keys: Sequence[str], rows: list[TableRow], **more: Any) -> Table:
        return Table(tuple(self.label(key) for key in keys), tuple(rows), **more)

    def _name(self, name: str) -> str:
        """A free name in words: a secretariat's title, a label of the house, or the name itself."""
        titles = {s.id: self.w.of(s.title) for s in self.d.secretariats}
        if name in titles:
            return titles[name]
        return self.label(f"name.{name}") if f"name.{name}" in labels("describe") else name

    def _names(self, names: Sequence[str]) -> str:
        return self.w.listed([self._name(name) for name in names])

    def _kinds(self, kinds: Sequence[str]) -> str:
        return self.w.listed([self.label(f"organisation.{kind}") for kind in kinds])

    def _track(self, id_: str) -> str:
        return next((self.w.of(track.title) for track in self.d.tracks if track.id == id_), id_)

    def _stage_title(self, stage: Stage) -> str:
        return self.w.of(stage.title) or self.label(f"stage.{stage.kind}")

    def _yes_no(self, value: bool) -> str:
        return self.label("yes" if value else "no")

    def _condition(self, rule: str) -> str:
        """A simple condition in words; any other as its code."""
        if match := _YES.fullmatch(rule.strip()):
            field = self.d.field(match["field"])
            if field is not None and field.type == "yes_no":
                key = "condition.is_no" if match["value"] == "false" else "condition.is_yes"
                return self.label(key, field=self.w.of(field.label))
        if match := _IS.fullmatch(rule.strip()):
            told = self._is(match["field"], match["sign"] == "==", match["value"])
            if told:
                return told
        return self.label("condition.code", rule=rule)

    def _is(self, name: str, same: bool, value: str) -> str:
        if name == "track":
            return self.label("condition.track" if same else "condition.not_track", track=self._track(value))
        field = self.d.field(name)
        if not isinstance(field, ChoiceField):
            return ""
        told = self._value(name, value)
        return self.label("condition.is" if same else "condition.is_not", field=self.w.of(field.label), value=told)

    def _value(self, tag: str, value: str) -> str:
        """A value of a tag in words: the title of a track or option, the name of a country or an entry of a set."""
        if tag == "track":
            return self._track(value)
        field = self.d.field(tag)
        if isinstance(field, ChoiceField) and field.options:
            return next((self.w.of(option.label) for option in field.options if option.id == value), value)
        if tag == "country":
            return classifications.country_label(value, self.w.language)
        chosen = self.d.classifications.get(getattr(field, "set", None) or tag)
        try:
            return classifications.label(chosen, value, self.w.language) if chosen else value
        except Malformed:
            return value

    def _set_title(self, role: str) -> str:
        chosen = self.d.classifications.get(role, role)
        try:
            return self.w.of(dict(classifications.load(chosen).title))
        except Malformed:
            return chosen

    # -- about, who, when -----------------------------------------------------------------------------------------

    def _about(self) -> Iterator[Part]:
        d, w = self.d, self.w
        unit = w.of(d.host.unit)
        host = self._name(d.host.organisation)
        rows = [
            *self._row("about.host", f"{host}, {unit}" if unit else host),
            *self._row("about.programme", self._name(d.programme)),
            *self._row("about.secretariats", w.listed([w.of(s.title) for s in d.secretariats])),
            *self._row("about.intake", self.label(f"badge.{d.intake.mode}")),
            *self._row("about.nominated_by", w.of(d.intake.nominated_by)),
            *(self._row("about.pre_consulting", self.label("yes")) if d.intake.pre_consulting else ()),
            *self._row("about.parent", d.parent or ""),
            *self._row("about.spawns", *(self._spawn(s) for s in d.spawns)),
            *(self._row("about.sisters", *map(self._name, d.sisters.calls)) if d.sisters else ()),
            *self._row("about.sources", *(self._source(s) for s in d.sources)),
        ]
        yield Facts(tuple(rows))

    def _spawn(self, spawn: Any) -> str:
        title = self.w.of(spawn.title) or self._name(spawn.programme)
        return self.label("about.spawn", title=title, stage=self.stages.get(spawn.after, spawn.after))

    def _source(self, source: Any) -> Words:
        title = self.w.of(source.title)
        return Words(f"{title}, {self.w.day(source.on)}" if source.on else title, _marked(source), source.url or "")

    def _who(self) -> Iterator[Part]:
        keys = ("who.track", "who.applicants", "who.secretariat")
        rows = []
        for track in self.d.tracks:
            applicants = self._kinds(track.applicants) or self.label("who.anybody")
            secretariat = self._name(track.secretariat) if track.secretariat else ""
            rows.append(TableRow((self.w.of(track.title), applicants, secretariat), _marked(track)))
        if rows:
            yield self._table(keys, rows)
        for track in self.d.tracks:
            if track.consortium:
                title = f"{self.label('who.consortium')}: {self.w.of(track.title)}"
                yield Facts((Row(title, tuple(self._role(role) for role in track.consortium)),))

    def _role(self, role: ConsortiumRole) -> Words:
        if role.min and role.max:
            count = self.label("who.between", min=role.min, max=role.max)
        elif role.min:
            count = self.label("who.at_least", min=role.min)
        else:
            count = self.label("who.at_most", max=role.max) if role.max else self.label("who.free")
        text = self.label("who.role", title=self.w.of(role.title) or role.role, count=count)
        notes = [self._kinds(role.kinds)]
        if role.subsidy:
            never = role.subsidy.strip() == "false"
            notes.append(self.label("who.no_subsidy") if never else self.label("who.subsidy_if", rule=role.subsidy))
        return Words(text, _marked(role), "; ".join(note for note in notes if note))

    def _when(self) -> Iterator[Part]:
        s = self.d.schedule
        rows: list[Row] = []
        if s.announced:
            rows += self._row("when.announced", self.w.day(s.announced), sample=_marked(s, "announced"))
        if s.opens:
            rows += self._row("when.opens", self.w.day(s.opens), sample=_marked(s, "opens"))
        if s.closes:
            grace = s.closes.printed_grace_minutes
            notes = [self.label("when.grace", minutes=grace) if grace else self.label("when.no_grace")]
            rows += self._row("when.closes", self._moment(s.closes, s.closes.at, notes, _marked(s, "closes")))
        for cut in self.d.intake.cut_offs:
            notes = [self.w.clock(cut.counts, self.stages)] if cut.counts else []
            words = self._moment(cut, cut.at, notes, False)
            label = self.label("when.cut_off")
            if cut.counts_for:
                label = self.label("when.cut_off_for", words=self.w.of(cut.counts_for))
            rows.append(Row(label, (words,)))
        rows += self._row("when.zone", self.w.zone(s.zone))
        yield Facts(tuple(rows))
        steps = [
            TableRow((self.stages[stage.id], self._stage_time(stage)), self._unpublished(stage)) for stage in s.stages
        ]
        if steps:
            yield self._table(("when.stage", "when.time"), steps)

    def _unpublished(self, stage: Stage) -> bool:
        clock = stage.clock is not None and _marked(stage.clock)
        return clock or _marked(stage, "on", "from", "to", "clock") or self.d.schedule.is_sample("stages")

    def _moment(self, block: Block, at: str, notes: list[str], outer: bool) -> Words:
        if block.is_sample("hour") and block.sample is not True:
            notes = [self.label("hour_is_sample"), *notes]
        return Words(self.w.day(at), outer or _marked(block, "at"), "; ".join(notes))

    def _stage_time(self, stage: Stage) -> str:
        told = []
        if stage.on:
            told.append(self.w.day(stage.on))
        elif stage.from_ and stage.to:
            told.append(self.w.days(stage.from_, stage.to))
        elif stage.from_:
            key = "when.open_ended" if stage.open_ended else "when.from_on"
            told.append(self.label(key, **{"from": self.w.day(stage.from_)}))
        if stage.approximate:
            told.append(self.label("approximate", words=self.w.of(stage.approximate)))
        if stage.clock:
            told.append(self.label("when.within", clock=self._clock(stage.clock)))
        return "; ".join(told)

    def _clock(self, clock: Any) -> str:
        kinds = {key.removeprefix("stage."): self.label(key) for key in labels("describe") if key.startswith("stage.")}
        return self.w.clock(clock, kinds | self.stages)

    # -- what is asked --------------------------------------------------------------------------------------------

    def _form(self) -> Iterator[Part]:
        keys = ("form.field", "form.kind", "form.required", "form.when")
        for section in self.d.form:
            rows = [TableRow(self._field(field), _marked(field) or _marked(section)) for field in section.fields]
            title = self.w.of(section.title)
            if section.tracks:
                only = self.label("form.only_tracks", tracks=self.w.listed([self._track(t) for t in section.tracks]))
                title = f"{title} ({only})"
            yield self._table(keys, rows, title=title)

    def _field(self, field: FormField) -> tuple[str, str, str, str]:
        name = self.w.of(field.label)
        if field.public:
            name = f"{name} ({self.label('form.public')})"
        asked = self._condition(field.when) if field.when else self.label("form.always")
        return name, self._answer(field), self._required(field.required), asked

    def _required(self, required: bool | str) -> str:
        return self._condition(required) if isinstance(required, str) else self._yes_no(required)

    def _answer(self, field: FormField | RowCell) -> str:
        match field:
            case ChoiceField():
                return self._choice(field)
            case MoneyField():
                return self.label("type.money", unit=self.label(f"unit.{field.unit}"))
            case RowsField():
                cells = self.w.listed([self.w.of(cell.label) for cell in field.fields])
                return self.w.listed([self.label("type.rows", cells=cells), self._how_many(field)])
            case TextField():
                limits = (("limit.characters", field.max_characters), ("limit.words", field.max_words))
                told = [self.label(key, n=n) for key, n in limits if n]
            case NumberField():
                told = [self._between(field), self.w.of(field.unit)]
            case FileField():
                told = [self.w.listed([name.upper() for name in field.formats])]
                told += [self.label("limit.megabytes", n=field.max_mb)] if field.max_mb else []
            case _:
                told = []
        return self.w.listed([self.label(f"type.{field.type}"), *told])

    def _choice(self, field: ChoiceField) -> str:
        many = "_many" if field.many else ""
        if field.options:
            options = self.w.listed([self.w.of(option.label) for option in field.options])
            return self.label(f"type.choice{many}", options=options)
        return self.label(f"type.choice_set{many}", set=self._set_title(field.set or ""))

    def _between(self, field: NumberField) -> str:
        if field.min is not None and field.max is not None:
            return self.label("limit.between", min=self.w.number(field.min), max=self.w.number(field.max))
        if field.min is not None:
            return self.label("limit.least", n=self.w.number(field.min))
        return self.label("limit.most", n=self.w.number(field.max)) if field.max is not None else ""

    def _how_many(self, field: RowsField) -> str:
        if field.max:
            return self.label("limit.rows_between", min=field.min, max=field.max)
        return self.label("limit.rows_least", n=field.min) if field.min else ""

    def _papers(self) -> Iterator[Part]:
        rows = []
        for paper in self.d.documents:
            formats = [name.upper() for name in paper.formats]
            formats += [self.label("limit.megabytes", n=paper.max_mb)] if paper.max_mb else []
            cells = (self.w.of(paper.label), self._required(paper.required), self.w.listed(formats))
            rows.append(TableRow(cells, _marked(paper)))
        if rows:
            yield self._table(("papers.paper", "papers.required", "papers.formats"), rows)

    # -- before the decision --------------------------------------------------------------------------------------

    def _eligibility(self) -> Iterator[Part]:
        if self.d.eligibility:
            yield Words(self.label("eligibility.intro"))
            yield Bullets(
                tuple(
                    Words(self.w.of(rule.otherwise), _marked(rule), self.label("rule", rule=rule.rule))
                    for rule in self.d.eligibility
                )
            )

    def _review(self) -> Iterator[Part]:
        items = []
        for item in self.d.review:
            notes = [self.label("review.excludes" if item.excludes else "review.notes")]
            sample = _marked(item)
            if item.correction:
                told = {"days": item.correction.days, "rounds": item.correction.rounds}
                word = f" [{self.label('sample')}]" if _marked(item.correction) and not sample else ""
                notes.insert(0, self.label("review.correction", **told) + word)
            if item.when:
                notes.append(self.label("review.only", condition=self._condition(item.when)))
            items.append(Words(self.w.of(item.label), sample, "; ".join(notes)))
        for check in self.d.outside_checks:
            text = self.label("review.outside", label=self.w.of(check.label), source=self.w.of(check.source))
            note = self.label("review.excludes" if check.excludes else "review.notes")
            items.append(Words(text, _marked(check), note))
        if items:
            yield Words(self.label("review.intro"))
            yield Bullets(tuple(items))

    def _opinions(self) -> Iterator[Part]:
        rows = []
        for opinion in self.d.opinions:
            scale = f"{opinion.scale[0]}-{opinion.scale[1]}" if opinion.scale else ""
            silence = self.label(f"opinions.{opinion.silence}")
            cells = (self._name(opinion.ask), self.w.of(opinion.question), scale, silence)
            rows.append(TableRow(cells, _marked(opinion, "scale", "silence")))
        if not rows:
            return
        yield self._table(("opinions.asked", "opinions.question", "opinions.scale", "opinions.silence"), rows)
        shown = [self._name(opinion.ask) for opinion in self.d.opinions if opinion.visible_to_evaluators]
        told = self.label("opinions.shown", titles=self.w.listed(shown)) if shown else self.label("opinions.not_shown")
        yield Words(told)

    # -- scores ---------------------------------------------------------------------------------------------------

    def _scoring(self) -> Iterator[Part]:
        if not self.d.evaluation:
            yield Words(self.label("scoring.none"))
            return
        for stage in self.d.evaluation:
            yield self._criteria(stage)
            yield Bullets(tuple(self._judging(stage) if isinstance(stage, Judged) else self._computing(stage)))
        yield from self._combined()
        if self.d.adjustments:
            yield Facts(tuple(self._adjustments()))

    def _scored_title(self, stage: Judged | Computed) -> str:
        form = self.label(f"stage_form.{stage.form if isinstance(stage, Judged) else 'computed'}")
        title = self.w.of(stage.title)
        return self.label("scoring.stage", title=title, form=form) if title and title.lower() != form.lower() else form

    def _criteria(self, stage: Judged | Computed) -> Table:
        rows, third = [], "scoring.steps" if isinstance(stage, Computed) else "scoring.anchors"
        for criterion in stage.criteria:
            if hasattr(criterion, "steps"):
                told = [
                    self.label(
                        "scoring.step", **{"from": self.w.number(step.from_), "points": self.w.number(step.points)}
                    )
                    for step in criterion.steps
                ]
            else:
                told = [
                    self.label("scoring.anchor", mark=mark, words=self.w.of(words))
                    for mark, words in getattr(criterion, "anchors", {}).items()
                ]
            cells = (self.w.of(criterion.label), f"{self.w.number(criterion.weight)} %", "; ".join(told))
            rows.append(TableRow(cells, _marked(criterion, "weight", "steps") or _marked(stage)))
        keys: tuple[str, ...] = ("scoring.criterion", "scoring.weight", third)
        if not any(row.cells[2] for row in rows):
            keys, rows = keys[:2], [TableRow(row.cells[:2], row.sample) for row in rows]
        return self._table(keys, rows, title=self._scored_title(stage), numeric=(1,), mark_in=1)

    def _judging(self, stage: Judged) -> Iterator[Words]:
        whole, scale, score, panel = _marked(stage), stage.scale, stage.score, stage.panel
        told = {"min": self.w.number(scale.min), "max": self.w.number(scale.max)}
        if scale.step:
            text = self.label("scoring.scale", **told, step=self.w.number(scale.step))
        else:
            text = self.label("scoring.scale_free", **told)
        if not stage.higher_is_better:
            text += " " + self.label("scoring.lower")
        yield Words(text, whole or _marked(scale, "min", "max", "step"))
        if panel:
            yield Words(" ".join(self._panel(panel)), whole or _marked(panel))
        trim = self.label(f"scoring.trim_{score.trim}", n=score.min_sheets_to_trim)
        if score.min_sheets > 1:
            trim += " " + self.label("scoring.min_sheets", n=score.min_sheets)
        if score.blanks == "skip_sheet":
            trim += " " + self.label("scoring.skip")
        yield Words(trim, whole or _marked(score, "trim", "min_sheets_to_trim"))
        if score.comment_required_when:
            text = self.label("scoring.comment", rule=score.comment_required_when)
            yield Words(text, whole or _marked(score, "comment_required_when"))
        yield from self._stage_mark(stage)

    def _computing(self, stage: Computed) -> Iterator[Words]:
        if stage.version:
            yield Words(self.label("scoring.version", version=stage.version), _marked(stage))
        yield from self._stage_mark(stage)

    def _stage_mark(self, stage: Judged | Computed) -> Iterator[Words]:
        if stage.pass_mark is not None:
            text = self.label("scoring.pass_mark", mark=self.w.number(stage.pass_mark))
            yield Words(text, _marked(stage, "pass_mark"))

    def _panel(self, panel: Any) -> Iterator[str]:
        if panel.draw_from:
            yield self.label("scoring.panel_drawn", seats=panel.seats, pool=panel.draw_from)
        else:
            yield self.label("scoring.panel", seats=panel.seats)
        shares = [self._share("scoring.share", {"name": self._name(n)}, share) for n, share in panel.compose.items()]
        if shares:
            yield self.label("scoring.compose", shares=self.w.listed(shares))
        for asked, key in (
            (panel.substitutes == "ordered", "scoring.substitutes"),
            (panel.per == "track", "scoring.per_track"),
            (panel.blind, "scoring.blind"),
        ):
            if asked:
                yield self.label(key)

    def _share(self, key: str, names: dict[str, str], share: Share) -> str:
        """`external experts at least 4`; both bounds, one, or the name alone."""
        if share.min is not None and share.max is not None:
            return self.label(f"{key}_both", **names, min=share.min, max=share.max)
        if share.min is not None:
            return self.label(f"{key}_min", **names, min=share.min, n=share.min)
        if share.max is not None:
            return self.label(f"{key}_max", **names, max=share.max, n=share.max)
        return next(iter(names.values()))

    def _combined(self) -> Iterator[Part]:
        decide = self.d.decide
        if not isinstance(decide, ByRank | ByThreshold | ByGrade):
            return
        sample = _marked(decide, "combine", "decimals")
        if len(decide.combine) == 1:
            yield Words(self.label("scoring.combine_one", decimals=decide.decimals), sample)
            return
        titles = {stage.id: self.w.of(stage.title) or stage.id for stage in self.d.evaluation}
        shares = [
            self.label("scoring.combine_share", title=titles.get(name, name), percent=self.w.number(percent))
            for name, percent in decide.combine.items()
        ]
        yield Words(self.label("scoring.combine", shares=self.w.listed(shares), decimals=decide.decimals), sample)

    def _adjustments(self) -> Iterator[Row]:
        for adjustment in self.d.adjustments:
            told = {"label": self.w.of(adjustment.label), "proof": self.w.of(adjustment.proof)}
            text = self.label("scoring.points", **told, points=self.w.number(adjustment.points))
            yield from self._row(f"scoring.{adjustment.kind}", text, sample=_marked(adjustment))

    # -- the deciding rule ----------------------------------------------------------------------------------------

    def _decision(self) -> Iterator[Part]:
        decide = self.d.decide
        rows: list[Row] = []
        match decide:
            case ByRank():
                yield Words(self.label(f"decision.{'rank' if decide.walk == 'rank_order' else 'total_value'}"))
                rows += self._ranked(decide)
            case ByThreshold():
                text = self.label("decision.threshold", mark=self.w.number(decide.at_least))
                yield Words(text, _marked(decide, "at_least"))
                if decide.each_at_least:
                    marks = [
                        self.label("decision.each_mark", name=self._scored_name(name), mark=self.w.number(mark))
                        for name, mark in decide.each_at_least.items()
                    ]
                    text = self.label("decision.each", marks=self.w.listed(marks))
                    yield Words(text, _marked(decide, "each_at_least"))
            case ByGrade():
                yield Words(self.label("decision.grade"))
                yield self._grades(decide)
            case ByVote():
                key = "decision.vote" if decide.of == "cast" else "decision.vote_seats"
                told = {"quorum": self.w.number(decide.quorum), "majority": self.w.number(decide.majority)}
                text = self.label(key, body=self.w.of(decide.body), **told)
                yield Words(text, _marked(decide, "quorum", "majority", "of"))
                yield Words(self.label("decision.no_rubric"))
                rows += self._voted(decide)
            case ByAppointment():
                yield Words(self.label("decision.appointment", authority=self.w.of(decide.authority)))
                scored = {stage.id: self.w.of(stage.title) or stage.id for stage in self.d.evaluation}
                advice = [(scored | self.stages).get(name, name) for name in decide.advice]
                rows += self._row("decision.advice", self.w.listed(advice))
        yield Words(self.label(f"decision.{decide.close}"), _marked(decide, "close"))
        if decide.unit == "application_and_task":
            yield Words(self.label("decision.task"))
        if decide.clock:
            rows += self._row("decision.clock", self._clock(decide.clock), sample=_marked(decide, "clock"))
        if self.d.sign_off:
            chain = " → ".join(self._name(name) for name in self.d.sign_off.chain)
            rows += self._row("decision.sign_off", chain, sample=_marked(self.d.sign_off, "chain"))
        yield Facts(tuple(rows))
        yield Words(self.label("freeze"))

    def _ranked(self, decide: ByRank) -> Iterator[Row]:
        seats = decide.seats
        if seats.min == seats.max:
            places = self.label("decision.seats_exact", max=seats.max)
        elif seats.min:
            places = self.label("decision.seats_between", min=seats.min, max=seats.max)
        else:
            places = self.label("decision.seats_upto", max=seats.max)
        yield from self._row("decision.seats", places, sample=_marked(decide, "seats") or _marked(seats, "min", "max"))
        if decide.pass_mark is not None:
            mark = self.label("decision.points", mark=self.w.number(decide.pass_mark))
            yield from self._row("decision.pass_mark", mark, sample=_marked(decide, "pass_mark"))
        ties = " → ".join(self._scored_name(name) for name in decide.ties)
        yield from self._row("decision.ties", ties, sample=_marked(decide, "ties"))
        if decide.list == "per_track":
            yield from self._row("decision.list", self.label("decision.per_track"), sample=_marked(decide, "list"))
        yield from self._row("decision.rules", *(self._rule(rule) for rule in decide.rules))
        if decide.reserve:
            key = "decision.reserve_per" if decide.reserve.per else "decision.reserve_count"
            text = self.label(key, count=decide.reserve.count, tag=self._tag(decide.reserve.per or ""))
            sample = _marked(decide, "reserve") or _marked(decide.reserve, "count", "per")
            yield from self._row("decision.reserve", text, sample=sample)
        uncertainty = self.label(f"decision.uncertainty_{decide.uncertainty.announced_use}")
        sample = _marked(decide, "uncertainty") or _marked(decide.uncertainty, "announced_use")
        yield from self._row("decision.estimates", uncertainty, sample=sample)

    def _rule(self, rule: Quota | CapEach) -> Words:
        sample, note = _marked(rule), self.w.of(rule.label)
        if isinstance(rule, CapEach):
            return Words(self.label("decision.cap", max=rule.max, tag=self._tag(rule.cap_each)), sample, note)
        values = [
            self._share("decision.share", {"value": self._value(rule.quota, value)}, share)
            for value, share in rule.values.items()
        ]
        text = self.label("decision.quota", tag=self._tag(rule.quota), values=self.w.listed(values))
        return Words(text, sample or _marked(rule, "values"), note)

    def _tag(self, tag: str) -> str:
        field = self.d.field(tag)
        if f"tag.{tag}" in labels("describe"):
            return self.label(f"tag.{tag}")
        return self.w.of(field.label) if field else tag

    def _scored_name(self, name: str) -> str:
        """A criterion, a stage, or `stage.criterion`, in words."""
        if name == "lot":
            return self.label("decision.lot")
        for stage in self.d.evaluation:
            if stage.id == name:
                return self.w.of(stage.title) or self._scored_title(stage)
            for criterion in stage.criteria:
                if name in (criterion.id, f"{stage.id}.{criterion.id}"):
                    return self.w.of(criterion.label)
        return name

    def _grades(self, decide: ByGrade) -> Table:
        rows = [
            TableRow((self.w.of(g.label), self.w.number(g.at_least), self._yes_no(g.granted)), _marked(g))
            for g in decide.grades
        ]
        keys = ("decision.grade_name", "decision.grade_mark", "decision.grade_granted")
        return self._table(keys, rows, numeric=(1,), sample=_marked(decide, "grades"))

    def _voted(self, decide: ByVote) -> Iterator[Row]:
        if decide.seats:
            yield from self._row("decision.body_seats", self.w.number(decide.seats), sample=_marked(decide, "seats"))
        known = labels("describe")
        options = [self.label(f"option.{name}") if f"option.{name}" in known else name for name in decide.options]
        yield from self._row("decision.options", self.w.listed(options), sample=_marked(decide, "options"))
        if decide.without_vote:
            note = self.label("rule", rule=decide.without_vote.when)
            words = Words(self.w.of(decide.without_vote.label), _marked(decide.without_vote), note)
            yield from self._row("decision.without_vote", words)

    # -- money and the life of an outcome -------------------------------------------------------------------------

    def _money(self) -> Iterator[Part]:
        money = self.d.money
        rows: list[Row] = []
        if money.budget_krw is not None:
            text = self.label(f"money.budget_{money.budget_of}", amount=self.w.won(money.budget_krw))
            identities = [Words(text, _marked(money, "budget_krw")), *self._identities(money.budget_krw)]
            rows += self._row("money.budget", *identities)
        if money.match:
            told = {"grant": self.w.won(10**6 * money.match.grant), "own": self.w.won(10**6 * money.match.own)}
            ratio = f"{money.match.grant}:{money.match.own}"
            sample = _marked(money, "match") or _marked(money.match)
            rows += self._row("money.match", self.label("money.match_words", ratio=ratio, **told), sample=sample)
        for track, limits in money.limits.items():
            for key, limit in (("money.cost", limits.cost_krw), ("money.grant", limits.grant_krw)):
                if told_limit := self._limit(limit):
                    heading = self.label(key)
                    if track != "default":
                        heading = self.label("money.for_track", label=heading, track=self._track(track))
                    sample = _marked(money, "limits") or _marked(limits) or _marked(limit)
                    rows.append(Row(heading, (Words(told_limit, sample),)))
        asked = [self.w.of(field.label) for field in self.d.fields() if isinstance(field, MoneyField)]
        rows += self._row("money.asked_as", self.w.listed(asked))
        if not rows:
            if self.d.outcome.recipient == "none":
                yield Words(self.label("money.none"))
            return
        rows += self._row("money.recipient", self.label(f"recipient.{self.d.outcome.recipient}"))
        yield Facts(tuple(rows))

    def _identities(self, budget: int) -> Iterator[Words]:
        """What must add up: places times the amount of each, and the shares of grant and own money."""
        money, decide = self.d.money, self.d.decide
        limits = money.limits.get("default")
        if limits and isinstance(decide, ByRank):
            limit = limits.cost_krw if money.budget_of == "cost" else limits.grant_krw
            if limit.max is not None and limit.max * decide.seats.max == budget:
                told = {"seats": decide.seats.max, "each": self.w.won(limit.max), "total": self.w.won(budget)}
                yield Words(self.label("money.identity", **told))
        if money.match and money.match.own and money.budget_of == "cost":
            grant, left = divmod(budget * money.match.grant, money.match.grant + money.match.own)
            if not left:
                told = {"total": self.w.won(budget), "grant": self.w.won(grant), "own": self.w.won(budget - grant)}
                yield Words(self.label("money.split", **told))

    def _limit(self, limit: Limit) -> str:
        if limit.min is not None and limit.max is not None:
            same = limit.min == limit.max
            told = {"min": self.w.won(limit.min), "max": self.w.won(limit.max)}
            return self.label("money.exactly" if same else "money.between", **told)
        if limit.min is not None:
            return self.label("money.at_least", min=self.w.won(limit.min))
        return self.label("money.at_most", max=self.w.won(limit.max)) if limit.max is not None else ""

    def _outcome(self) -> Iterator[Part]:
        o = self.d.outcome
        rows = [*self._row("outcome.kind", self.label(f"badge.{o.kind}"))]
        if o.kind == "award":
            amounts = self.w.listed([self.label(f"amount.{amount}") for amount in o.amounts])
            rows += self._row("outcome.amounts", amounts, sample=_marked(o, "amounts"))
        if o.validity:
            rows += self._row("outcome.validity", self.w.period(o.validity), sample=_marked(o, "validity"))
        if o.renewal:
            told = []
            if o.renewal.request_before:
                told.append(self.label("outcome.request_before", period=self.w.period(o.renewal.request_before)))
            if o.renewal.up_to:
                told.append(self.label("outcome.up_to", period=self.w.period(o.renewal.up_to)))
            if o.renewal.times:
                told.append(self.label("outcome.times", times=o.renewal.times))
            rows += self._row("outcome.renewal", "; ".join(told), sample=_marked(o, "renewal") or _marked(o.renewal))
        rows += self._row("outcome.amendment", self.w.of(o.amendment), sample=_marked(o, "amendment"))
        rows += self._grounds("outcome.suspension", o.suspension, _marked(o, "suspension"))
        if o.revocation:
            outer = _marked(o, "revocation") or _marked(o.revocation)
            rows += self._grounds("outcome.must", o.revocation.must, outer)
            rows += self._grounds("outcome.may", o.revocation.may, outer)
        if o.public_register:
            rows += self._row("outcome.register", self.label("outcome.registered"))
        yield Facts(tuple(rows))

    def _grounds(self, key: str, grounds: Sequence[Any], outer: bool) -> Iterator[Row]:
        yield from self._row(key, *(Words(self.w.of(g.label), outer or _marked(g)) for g in grounds))

    def _announcement(self) -> Iterator[Part]:
        a = self.d.announcement
        open_, closed = [], []
        for name in ("selected", "ranking", "scores", "panel"):
            told = getattr(a.publish, name)
            if told == "none":
                closed.append(self.label(f"publish.{name}"))
            else:
                narrow = f"publish.{name}_selected" if told == "selected" else f"publish.{name}"
                open_.append(self.label(narrow))
        outer = _marked(a)
        sample = outer or _marked(a.publish, "selected", "ranking", "scores", "panel", "sites")
        rows = [
            *self._row("publish.title", self.w.listed(open_), sample=sample),
            *self._row("publish.not", self.w.listed(closed), sample=sample),
            *self._row("publish.sites", self._names(a.publish.sites), sample=sample),
        ]
        own = [self.label("party.own_scores")] if a.party.own_scores else []
        own += [self.label("party.comments")] if a.party.comments == "released_by_rule" else []
        rows += self._row("party.title", self.w.listed(own), sample=outer or _marked(a.party, "own_scores", "comments"))
        for notice in a.notify:
            applicant = self.label(f"organisation.{notice.applicant}")
            told = [self.label(f"notify.{notice.by}")]
            told += [self.label("notify.through", through=self._name(notice.through))] if notice.through else []
            told += [self.label("notify.own_date")] if notice.own_date else []
            words = Words(self.w.listed(told), outer or _marked(notice))
            rows.append(Row(self.label("notify.title", applicant=applicant), (words,)))
        if a.objections:
            text = self.label("when.within", clock=self._clock(a.objections))
            rows += self._row(
                "objections.title", text, sample=outer or _marked(a, "objections") or _marked(a.objections)
            )
        else:
            rows += self._row("objections.title", self.label("objections.none"))
        yield Facts(tuple(rows))


def _has_samples(part: Any) -> bool:
    """Whether anything in a definition was never published."""
    if isinstance(part, Block):
        return bool(part.sample) or any(_has_samples(getattr(part, name)) for name in type(part).model_fields)
    if isinstance(part, tuple | dict):
        return any(_has_samples(item) for item in (part.values() if isinstance(part, dict) else part))
    return False
