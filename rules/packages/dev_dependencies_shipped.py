from __future__ import annotations

from dfadvise.layers import copy_effects
from dfadvise.managers import devdependencies
from dfadvise.managers.lockfiles import manifest_installs
from dfadvise.managers.pruning import taken_out_later
from dfadvise.paths import clean
from dfadvise.rule import Finding, Rule, Weighs
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.about.needs import Need
    from dfadvise.managers.packages import Action
    from dfadvise.managers.pruning import Prune
    from dfadvise.source import Span
    from dfadvise.stages import Dockerfile, Edge, Stage

_STAGES = frozenset("dev devel develop development test tests testing ci debug lint local".split())
_ALIASES = {
    "composer": ("tally:php/composer-no-dev-in-production",),
    "bundler": ("tally:ruby/missing-bundle-without-development",),
}


class DevDependenciesShipped(Rule):
    """The shipped image holds the dependencies that only development needs.

    Why:
        Compilers, test runners and linters are often the larger part of node_modules or vendor. In the image nobody
        runs them; they are bytes to pull and code to patch.

    Bad:
        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm ci
        COPY . .
        CMD ["node", "server.js"]

    Good:
        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm ci --omit=dev
        COPY . .
        CMD ["node", "server.js"]

    Bad (copied from the stage that builds):
        FROM node:22 AS build
        WORKDIR /app
        COPY . .
        RUN npm ci && npm run build
        FROM node:22-slim
        COPY --from=build /app/node_modules /app/node_modules
        COPY --from=build /app/dist /app/dist
        CMD ["node", "/app/dist/server.js"]

    Good (taken out before they are copied):
        FROM node:22 AS build
        WORKDIR /app
        COPY . .
        RUN npm ci && npm run build
        RUN npm prune --omit=dev
        FROM node:22-slim
        COPY --from=build /app/node_modules /app/node_modules
        COPY --from=build /app/dist /app/dist
        CMD ["node", "/app/dist/server.js"]

    Bad (taken out in a later layer, which only hides them):
        FROM node:22-slim
        WORKDIR /app
        COPY . .
        RUN npm ci
        RUN npx tsc && npm prune --omit=dev
        CMD ["node", "dist/server.js"]

    Good (taken out in the same layer):
        FROM node:22-slim
        WORKDIR /app
        COPY . .
        RUN npm ci && npx tsc && npm prune --omit=dev
        CMD ["node", "dist/server.js"]

    Bad (composer):
        FROM php:8.4-apache
        COPY composer.json composer.lock ./
        RUN composer install --no-scripts

    Fixed:
        FROM php:8.4-apache
        COPY composer.json composer.lock ./
        RUN composer install --no-dev --no-scripts

    Good (by a variable):
        FROM node:22-slim
        ENV NODE_ENV=production
        WORKDIR /app
        COPY package.json yarn.lock ./
        RUN yarn install --frozen-lockfile
        CMD ["node", "server.js"]

    Good (the stage goes on to build, or is there to develop in):
        FROM node:22
        WORKDIR /app
        COPY . .
        RUN npm ci
        RUN npm run build
        CMD ["node", "dist/server.js"]

    Good (a development server):
        FROM node:22
        WORKDIR /app
        COPY . .
        RUN npm ci
        CMD ["npm", "run", "dev"]

    Files:
        package.json: {"dependencies": {"express": "5"}}
        package-lock.json: {}

    Good (there are none):
        FROM node:22-slim
        WORKDIR /app
        COPY package.json package-lock.json ./
        RUN npm ci
        CMD ["node", "server.js"]

    Variants:
        not onbuild: nothing says what the child image is for

    Fix:
        unsafe: the manager's production form; something in the image may lean on a development dependency. None
        where a later RUN takes them out, as what runs before that may need them.
    """

    on = ("file",)
    severity = "warning"
    aliases = tuple(code for codes in _ALIASES.values() for code in codes)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import actions_in

        names = ("npm", "yarn", "yarn-berry", "pnpm", "bun", "uv", "pipenv", "poetry", "composer", "bundler")
        return any(action.manager.name in names for action in actions_in(file))

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        exported = file.exported
        if exported is None:
            return
        told: set[int] = set()
        if not _is_for_development(exported) and not devdependencies.is_for_development(exported):
            for stage in exported.chain:
                if not _is_for_development(stage):
                    yield from self._installed(exported, stage, told)
                    for edge in stage.edges:
                        yield from self._copied(edge)
        for stage in file.stages:
            yield from self._others(stage, told)

    def _installed(self, exported: Stage, stage: Stage, told: set[int]) -> Iterator[Finding]:
        for run in stage.instructions:
            if not isinstance(run, Run):
                continue
            for need in manifest_installs(run):
                action = need.action
                if action is None or not devdependencies.brings_development(need):
                    continue
                if devdependencies.is_taken_out_in(run, need):
                    continue
                late = taken_out_later(exported, need)
                if late is not None:
                    told.add(id(action.command))
                    yield self._hidden(run, action, late)
                    continue
                if devdependencies.is_built_after(exported, need):
                    continue
                told.add(id(action.command))
                yield self.finding(
                    action.span,
                    f"{action.text} installs development dependencies into the image that ships",
                    run,
                    aliases=_ALIASES.get(action.manager.name, ()),
                    fix=devdependencies.without_them(action),
                    weighs=Weighs("development", (run,), manager=action.manager.name),
                )

    def _hidden(self, run: Run, action: Action, late: Prune) -> Finding:
        command = late.command
        by = f"{command.program} {command.subcommand}"
        return self.finding(
            action.span,
            f"{action.text} installs development dependencies that {by} only hides, in a later layer",
            run,
            related=[("taken out here", command.words[0].span.to(command.words[-1].span))],
            # What runs between the two may need them.
            fix=devdependencies.without_them(action) if late.follows(action.command) else None,
            weighs=Weighs("development", (run,), manager=action.manager.name),
        )

    def _copied(self, edge: Edge) -> Iterator[Finding]:
        source, copy = edge.stage, edge.instruction
        if source is None or source.ships or not isinstance(copy, Copy) or copy.flag("exclude") is not None:
            return
        kept = devdependencies.kept_in(source) if not _is_for_development(source) else []
        if not kept:
            return
        for effect in copy_effects(copy, set()):
            path = clean("/" + (effect.origin or ""))
            for each in kept:
                need = each.need
                if any(devdependencies.is_copied(path, place) for place in devdependencies.places_of(need)):
                    yield self._copy(copy, effect.span, source, need)
                    break

    def _copy(self, copy: Copy, span: Span, source: Stage, need: Need) -> Finding:
        action = need.action
        assert action is not None
        return self.finding(
            span,
            f"the development dependencies that the stage {source.label} installs are copied along",
            copy,
            aliases=_ALIASES.get(action.manager.name, ()),
            related=[("installed here", action.span)],
        )

    def _others(self, stage: Stage, told: set[int]) -> Iterator[Finding]:
        """Weaker readings that other tools have, for two managers: an install in any stage."""
        for run in stage.instructions:
            if not isinstance(run, Run):
                continue
            for need in manifest_installs(run):
                action = need.action
                codes = _ALIASES.get(action.manager.name) if action is not None else None
                if action is None or codes is None or id(action.command) in told:
                    continue
                if devdependencies.brings_development(need):
                    message = f"{action.text} installs development dependencies"
                    yield self.finding(action.span, message, run, severity="style", aliases=codes)


def _is_for_development(stage: Stage) -> bool:
    return not _STAGES.isdisjoint(stage.name_words)
