# `make` lists the targets. `make test` needs a Rust toolchain, a C compiler and Python 3.11; the other tools it installs
# itself, under target/.
.DEFAULT_GOAL := help

PYTHON ?= python3
CARGO_DENY_VERSION := 0.20.2
CARGO_FUZZ_VERSION := 0.13.2
PLAYWRIGHT_VERSION := 1.65.1
AXE_VERSION := 4.14.1
CARGO_MUTANTS_VERSION := 27.1.0
CARGO_CYCLONEDX_VERSION := 0.5.9
ZIZMOR_VERSION := 1.32.0
# The machine's own, so that a trial build needs no cross-compiling target. `sam build` by hand takes the template's arm64.
ARCHITECTURE ?= $(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)

# A pin is part of its stamp's name: a tool is installed again when its pin changes, and only then.
VENV := target/venv
VENV_STAMP := $(VENV)/.installed-$(firstword $(shell cksum < tests/requirements.txt))
# In a venv of its own: it pins boto3 to another version than aws-sam-cli does.
CHECKOV := target/checkov
CHECKOV_STAMP := $(CHECKOV)/.installed-$(firstword $(shell cksum < tests/checkov-requirements.txt))
TEMPLATES := template.yaml infra/alarms.yaml infra/removal.yaml infra/github-deploy-role.yaml
TOOLS := target/tools
DENY := $(TOOLS)/bin/cargo-deny
DENY_STAMP := $(TOOLS)/.cargo-deny-$(CARGO_DENY_VERSION)
MUTANTS_STAMP := $(TOOLS)/.cargo-mutants-$(CARGO_MUTANTS_VERSION)

CYCLONEDX_STAMP := $(TOOLS)/.cargo-cyclonedx-$(CARGO_CYCLONEDX_VERSION)
ZIZMOR := target/zizmor
ZIZMOR_STAMP := $(ZIZMOR)/.installed-$(ZIZMOR_VERSION)

FUZZ := cargo +nightly fuzz
FUZZ_STAMP := $(TOOLS)/.cargo-fuzz-$(CARGO_FUZZ_VERSION)
FUZZ_SECONDS ?= 30
BROWSER := target/browser
BROWSER_STAMP := $(BROWSER)/.playwright-$(PLAYWRIGHT_VERSION)-axe-$(AXE_VERSION)

# Nothing here may meet a real AWS account, whoever runs it, nor phone home.
export SAM_CLI_TELEMETRY := 0
export AWS_EC2_METADATA_DISABLED := true
export AWS_DEFAULT_REGION := us-east-1
export AWS_ACCESS_KEY_ID := test
export AWS_SECRET_ACCESS_KEY := test
unexport AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL
export PATH := $(CURDIR)/$(VENV)/bin:$(CURDIR)/$(TOOLS)/bin:$(PATH)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' Makefile

.PHONY: test
test: lint deploy-check workflows build ## Everything: format, lints, dependencies, template, all tests
	cargo test --workspace --no-fail-fast
	@test -e $(BROWSER_STAMP) || echo "No browser was found, so the tests in tests/browser looked at nothing: run make browser"

# Both at once: the same features as `cargo test`, which then compiles nothing a second time.
# The short form is part of `make test`.
ACCOUNTS ?= 2000
.PHONY: chaos
chaos: $(VENV_STAMP) build ## The refresh in bad weather, with thousands of accounts (ACCOUNTS=2000); prints figures
	EVERTOKEN_CHAOS=$(ACCOUNTS) cargo test -p evertoken-tests --test end_to_end bad_weather -- --nocapture

.PHONY: bulk
bulk: ## A run over 100,000 due accounts, and the memory that it takes
	cargo run --release -p evertoken-tests --bin bulk-run -- 100000

.PHONY: cost
cost: $(VENV_STAMP) build ## Count API calls and print the cost table of docs/cost.md
	cargo test -p evertoken-tests --test end_to_end the_documented_cost_table -- --nocapture

# The benchmarks of docs/benchmarks.md. They measure release builds of both Lambda functions; the harness itself is a debug
# build.
BASELINES := target/bench
PYTHON_BASELINE_STAMP := $(BASELINES)/.python-$(firstword $(shell cat $(wildcard bench/baselines/python/*.*) | cksum))
NODE_BASELINE_STAMP := $(BASELINES)/.node-$(firstword $(shell cat $(wildcard bench/baselines/node/*.*) | cksum))
BENCH := cargo run --quiet -p evertoken-bench --bin

.PHONY: bench
bench: bench-size bench-start bench-warm bench-instructions bench-run bench-policies ## Run all benchmarks (15 minutes)

.PHONY: bench-start
bench-start: bench-binaries bench-baselines $(VENV_STAMP) ## Measure the start of both Lambda functions against Python and Node
	$(BENCH) start

.PHONY: bench-warm
bench-warm: bench-binaries bench-baselines $(VENV_STAMP) ## Measure warm invocations against Python and Node
	$(BENCH) warm

.PHONY: bench-run
bench-run: bench-binaries ## Measure refresh runs over 100 to 100,000 accounts (8 minutes)
	$(BENCH) refresh_run

.PHONY: bench-size
bench-size: bench-binaries bench-baselines $(VENV_STAMP) ## Measure the deployment packages
	$(BENCH) size

.PHONY: bench-instructions
bench-instructions: bench-binaries $(VENV_STAMP) ## Count instructions and compare them with the recorded counts
	$(BENCH) instructions

.PHONY: bench-binaries
bench-binaries:
	cargo build --release -p evertoken-callback -p evertoken-refresh

# The benchmarks skip a baseline that cannot be installed, and report it.
.PHONY: bench-baselines
bench-baselines:
	-@$(MAKE) --no-print-directory $(PYTHON_BASELINE_STAMP)
	-@$(MAKE) --no-print-directory $(NODE_BASELINE_STAMP)

# One simulated year per seed.
SEEDS ?= 1,2,3
.PHONY: bench-policies
bench-policies: ## Compare renewal strategies over simulated years; writes docs/survival.*
	cargo run --release -p evertoken-bench --bin policies -- --seeds $(SEEDS) --write .

.PHONY: mutants
mutants: $(MUTANTS_STAMP) ## Mutation testing of core's decisions
	$(TOOLS)/bin/cargo-mutants mutants -p evertoken-core --timeout 90 --output target \
	  -f 'crates/core/src/policy.rs' -f 'crates/core/src/failure.rs' -f 'crates/core/src/events.rs' \
	  -f 'crates/core/src/refresh/*.rs' -e 'crates/core/src/refresh/model.rs' -- --lib

.PHONY: build
build: ## Compile all binaries and tests
	cargo build --workspace --bins --tests

.PHONY: lint
lint: $(DENY_STAMP) ## Formatting, clippy with warnings as errors, cargo-deny
	cargo fmt --all --check
	$(DENY) check bans licenses sources
	cargo clippy --workspace --all-targets -- -D warnings

.PHONY: deploy-check
deploy-check: $(VENV_STAMP) $(CHECKOV_STAMP) ## Check the templates as CloudFormation and SAM will, and for holes
	sam validate --lint --template-file template.yaml
	cfn-lint $(TEMPLATES)
	$(CHECKOV)/bin/checkov --file $(TEMPLATES) --framework cloudformation --skip-download --compact --quiet

.PHONY: sam-build
sam-build: $(VENV_STAMP) ## Build both Lambdas as `sam build` does, for this machine's architecture
	sam build --parameter-overrides Architecture=$(ARCHITECTURE)

.PHONY: workflows
workflows: $(ZIZMOR_STAMP) ## Check the GitHub workflows: actions pinned by hash, least permissions, no injection
	$(ZIZMOR)/bin/zizmor --offline --quiet --no-progress .github

.PHONY: advisories
advisories: $(DENY_STAMP) ## Known advisories against Cargo.lock; needs the internet, so no part of `make test`
	$(DENY) check advisories

.PHONY: release-files
release-files: sam-build ## What a release has for ARCHITECTURE, under target/release-files
	$(VENV)/bin/python infra/release_files.py $(ARCHITECTURE)
	$(MAKE) --no-print-directory bills-of-material

# cargo-cyclonedx writes one beside every Cargo.toml.
.PHONY: bills-of-material
bills-of-material: $(CYCLONEDX_STAMP) ## What is in each Lambda, as CycloneDX, under target/release-files
	mkdir -p target/release-files
	$(TOOLS)/bin/cargo-cyclonedx cyclonedx --quiet --format json --spec-version 1.5
	for lambda in callback refresh; do \
		cp crates/$$lambda/evertoken-$$lambda.cdx.json target/release-files/evertoken-$$lambda-$(ARCHITECTURE).cdx.json || exit 1; \
	done
	find . -path ./target -prune -o -name '*.cdx.json' -type f -exec rm {} +

.PHONY: fmt
fmt: ## Format the Rust code
	cargo fmt --all

.PHONY: tools
tools: $(VENV_STAMP) $(CHECKOV_STAMP) $(DENY_STAMP) ## Install the test tools under target/

.PHONY: browser
browser: $(BROWSER_STAMP) ## Install Debian's Chromium and what leads it, for the tests in tests/browser
	test -x /usr/bin/chromium || apt-get install --yes --quiet chromium

.PHONY: fuzz
fuzz: $(FUZZ_STAMP) ## Feed nonsense to what strangers can reach, FUZZ_SECONDS for each target (needs a nightly toolchain)
	for target in signed_claims signed_request routes; do \
		$(FUZZ) run --fuzz-dir fuzz $$target -- -max_total_time=$(FUZZ_SECONDS) || exit 1; \
	done

.PHONY: clean
clean: ## Remove all that was built or installed
	rm -rf target .aws-sam

$(VENV_STAMP):
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --requirement tests/requirements.txt
	rm -f $(VENV)/.installed-*
	touch $@

$(CHECKOV_STAMP):
	$(PYTHON) -m venv $(CHECKOV)
	$(CHECKOV)/bin/pip install --quiet --requirement tests/checkov-requirements.txt
	rm -f $(CHECKOV)/.installed-*
	touch $@

$(ZIZMOR_STAMP):
	$(PYTHON) -m venv $(ZIZMOR)
	$(ZIZMOR)/bin/pip install --quiet zizmor==$(ZIZMOR_VERSION)
	rm -f $(ZIZMOR)/.installed-*
	touch $@

$(CYCLONEDX_STAMP):
	cargo install --locked --root $(TOOLS) cargo-cyclonedx@$(CARGO_CYCLONEDX_VERSION)
	rm -f $(TOOLS)/.cargo-cyclonedx-*
	touch $@

$(DENY_STAMP):
	cargo install --locked --root $(TOOLS) cargo-deny@$(CARGO_DENY_VERSION)
	rm -f $(TOOLS)/.cargo-deny-*
	touch $@

$(FUZZ_STAMP):
	cargo install --locked --root $(TOOLS) cargo-fuzz@$(CARGO_FUZZ_VERSION)
	rm -f $(TOOLS)/.cargo-fuzz-*
	touch $@

$(BROWSER_STAMP):
	npm install --silent --no-save --no-package-lock --no-audit --no-fund --prefix $(BROWSER) \
		playwright-core@$(PLAYWRIGHT_VERSION) axe-core@$(AXE_VERSION)
	rm -f $(BROWSER)/.playwright-*
	touch $@

$(PYTHON_BASELINE_STAMP):
	rm -rf $(BASELINES)/python $(BASELINES)/.python-*
	$(PYTHON) -m venv $(BASELINES)/python
	$(BASELINES)/python/bin/pip install --quiet --requirement bench/baselines/python/requirements.txt \
		|| { rm -rf $(BASELINES)/python; exit 1; }
	touch $@

$(NODE_BASELINE_STAMP):
	rm -rf $(BASELINES)/node $(BASELINES)/.node-*
	mkdir -p $(BASELINES)/node
	cp bench/baselines/node/* $(BASELINES)/node
	npm install --silent --no-package-lock --no-audit --no-fund --prefix $(BASELINES)/node || { rm -rf $(BASELINES)/node; exit 1; }
	touch $@

$(MUTANTS_STAMP):
	cargo install --locked --root $(TOOLS) cargo-mutants@$(CARGO_MUTANTS_VERSION)
	rm -f $(TOOLS)/.cargo-mutants-*
	touch $@
