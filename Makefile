# Run `make` to list the targets. `make test` requires a Rust toolchain, a C compiler, Python 3.11 and Node.js 20. It installs
# all other tools under target/.
.DEFAULT_GOAL := help

PYTHON ?= python3
CARGO_DENY_VERSION := 0.20.2
CARGO_FUZZ_VERSION := 0.13.2
CARGO_MUTANTS_VERSION := 27.1.0
CARGO_CYCLONEDX_VERSION := 0.5.9
# Defaults to the architecture of this machine, so that `make sam-build` does not cross-compile. Without make, `sam build` uses
# the template's default, arm64.
ARCHITECTURE ?= $(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)

# The name of a stamp file contains the pinned version or a checksum of the file that pins it, so make reinstalls a tool only
# when its version changes. pip and npm compare every package with the hash in that file.
# The files are complete. Without --no-deps, pip also wants a hash for each combination of extras.
PIP_INSTALL := pip install --quiet --require-hashes --no-deps --requirement
NPM_INSTALL := npm ci --silent --no-audit --no-fund --ignore-scripts --prefix
VENV := target/venv
VENV_STAMP := $(VENV)/.installed-$(firstword $(shell cksum < tests/requirements.txt))
# checkov has its own venv, because it pins a different version of boto3 than aws-sam-cli.
CHECKOV := target/checkov
CHECKOV_STAMP := $(CHECKOV)/.installed-$(firstword $(shell cksum < tests/checkov-requirements.txt))
# MiniStack has its own venv for the same reason.
MINISTACK := target/ministack
MINISTACK_STAMP := $(MINISTACK)/.installed-$(firstword $(shell cksum < tests/ministack-requirements.txt))
TEMPLATES := template.yaml infra/alarms.yaml infra/removal.yaml infra/feed.yaml infra/packed.yaml infra/reader.yaml infra/github-deploy-role.yaml infra/examples/website.yaml
TOOLS := target/tools
DENY := $(TOOLS)/bin/cargo-deny
DENY_STAMP := $(TOOLS)/.cargo-deny-$(CARGO_DENY_VERSION)
MUTANTS_STAMP := $(TOOLS)/.cargo-mutants-$(CARGO_MUTANTS_VERSION)
CYCLONEDX_STAMP := $(TOOLS)/.cargo-cyclonedx-$(CARGO_CYCLONEDX_VERSION)
ZIZMOR := target/zizmor
ZIZMOR_STAMP := $(ZIZMOR)/.installed-$(firstword $(shell cksum < tests/zizmor-requirements.txt))
TYPOS := target/typos
TYPOS_STAMP := $(TYPOS)/.installed-$(firstword $(shell cksum < tests/typos-requirements.txt))
MARKDOWN := target/markdown
MARKDOWN_STAMP := $(MARKDOWN)/.installed-$(firstword $(shell cksum < tests/markdown/package-lock.json))
FEED_VALIDATORS := target/feed-validators
FEED_VALIDATORS_STAMP := $(FEED_VALIDATORS)/.installed-$(firstword $(shell cksum < tests/feeds-requirements.txt))
HTML := target/html
HTML_STAMP := $(HTML)/.installed-$(firstword $(shell cksum < tests/html/package-lock.json))

FUZZ := cargo +nightly fuzz
FUZZ_STAMP := $(TOOLS)/.cargo-fuzz-$(CARGO_FUZZ_VERSION)
FUZZ_SECONDS ?= 30
FUZZ_TARGETS := $(notdir $(basename $(wildcard fuzz/fuzz_targets/*.rs)))
BROWSER := target/browser
BROWSER_STAMP := $(BROWSER)/.installed-$(firstword $(shell cksum < tests/browser/package-lock.json))
# Chromium or Chrome. The browser tests read this variable.
CHROMIUM ?= /usr/bin/chromium
export CHROMIUM
WORDPRESS := target/wordpress
WORDPRESS_STAMP := $(WORDPRESS)/.installed-$(firstword $(shell cat tests/wordpress/* | cksum))
RECIPES := target/recipes
RECIPES_STAMP := $(RECIPES)/.installed-$(firstword $(shell cat tests/recipes/* tests/recipes-requirements.txt | cksum))
# The browser tests are ignored unless this option asks for them. EVERTOKEN_REQUIRE_BROWSER=1 forbids to ignore them.
# The tests of the WordPress plug-in also need WordPress, and those of the recipes for reading a pack need their languages.
INCLUDE_BROWSER := $(if $(and $(wildcard $(BROWSER_STAMP)),$(wildcard $(CHROMIUM))),--include-ignored)
INCLUDE_WORDPRESS := $(wildcard $(WORDPRESS_STAMP))
SKIP_WORDPRESS := $(if $(INCLUDE_WORDPRESS),,--skip wordpress_plugin::)
INCLUDE_RECIPES := $(wildcard $(RECIPES_STAMP))
SKIP_RECIPES := $(if $(INCLUDE_RECIPES),,--skip pack_recipes::)

# No target except `live` may reach a real AWS account, and none sends telemetry.
export SAM_CLI_TELEMETRY := 0
ifneq ($(MAKECMDGOALS),live)
export AWS_EC2_METADATA_DISABLED := true
export AWS_DEFAULT_REGION := us-east-1
export AWS_ACCESS_KEY_ID := test
export AWS_SECRET_ACCESS_KEY := test
unexport AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL
endif
export PATH := $(CURDIR)/$(VENV)/bin:$(CURDIR)/$(TOOLS)/bin:$(PATH)

.PHONY: help
help: ## List all targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-18s  %s\n", $$1, $$2}' Makefile

.PHONY: test
test: required-browser lint deploy-check workflows $(MINISTACK_STAMP) $(HTML_STAMP) $(FEED_VALIDATORS_STAMP) build ## Run all checks and all tests
	cargo test --workspace --no-fail-fast -- $(if $(INCLUDE_BROWSER),$(INCLUDE_BROWSER) $(SKIP_WORDPRESS) $(SKIP_RECIPES))
	@test -n "$(INCLUDE_BROWSER)" || echo "warning: the browser tests were ignored, because no browser is installed (run 'make browser')"
	@test -n "$(INCLUDE_WORDPRESS)" || echo "warning: the tests of the WordPress plug-in were ignored (run 'make wordpress')"
	@test -n "$(INCLUDE_RECIPES)" || echo "warning: the recipes for reading a pack were not tested (run 'make recipes')"

.PHONY: required-browser
required-browser:
	@test -n "$(INCLUDE_BROWSER)" || test -z "$(EVERTOKEN_REQUIRE_BROWSER)" \
		|| { echo "error: no browser is installed, but EVERTOKEN_REQUIRE_BROWSER is set"; echo "hint: run 'make browser'"; exit 1; } >&2
	@test -n "$(INCLUDE_WORDPRESS)" || test -z "$(EVERTOKEN_REQUIRE_BROWSER)" \
		|| { echo "error: WordPress is not installed, but EVERTOKEN_REQUIRE_BROWSER is set"; echo "hint: run 'make wordpress'"; exit 1; } >&2
	@test -n "$(INCLUDE_RECIPES)" || test -z "$(EVERTOKEN_REQUIRE_BROWSER)" \
		|| { echo "error: the languages of the recipes are not installed, but EVERTOKEN_REQUIRE_BROWSER is set"; echo "hint: run 'make recipes'"; exit 1; } >&2

# One build for all runs. The output of the last run stays in target/flaky.log.
RUNS ?= 20
.PHONY: flaky
flaky: $(VENV_STAMP) build ## Run the end-to-end tests repeatedly, until one fails (RUNS=20)
	@for run in $$(seq $(RUNS)); do \
		if cargo test --workspace --test end_to_end > target/flaky.log 2>&1; then \
			echo "run $$run of $(RUNS) passed"; \
		else \
			echo "error: run $$run of $(RUNS) failed, see target/flaky.log"; \
			grep '^test .* FAILED$$' target/flaky.log || tail -n 20 target/flaky.log; \
			exit 1; \
		fi; \
	done

# `make test` runs the same test with fewer accounts.
ACCOUNTS ?= 2000
.PHONY: chaos
chaos: $(VENV_STAMP) build ## Refresh many accounts under fault injection and print statistics (ACCOUNTS=2000)
	EVERTOKEN_CHAOS=$(ACCOUNTS) cargo test -p evertoken-tests --test end_to_end injected_faults -- --nocapture --test-threads 1

# `make test` runs the same test with fewer accounts.
.PHONY: migration
migration: ACCOUNTS = 1000
migration: $(VENV_STAMP) $(MINISTACK_STAMP) build ## Move many accounts into packs and back in MiniStack (ACCOUNTS=1000)
	EVERTOKEN_MIGRATION_ACCOUNTS=$(ACCOUNTS) cargo test --workspace --test deployed migration:: -- --nocapture

.PHONY: live
live: $(VENV_STAMP) ## Check docs/assumptions.md in your own AWS account (asks first)
	cargo run --quiet -p evertoken-tests --bin evertoken-live

.PHONY: bulk
bulk: ## Refresh 100,000 due accounts in one run and measure peak memory
	cargo run --release -p evertoken-tests --bin bulk-run -- 100000

.PHONY: cost
cost: $(VENV_STAMP) build ## Count API calls and print the cost tables of docs/cost.md
	cargo test -p evertoken-tests --test end_to_end the_documented_cost -- --nocapture

# The benchmarks of docs/benchmarks.md. They measure release builds of both Lambda functions; the harness itself is a debug
# build.
BASELINES := target/bench
PYTHON_BASELINE_STAMP := $(BASELINES)/.python-$(firstword $(shell cat $(wildcard bench/baselines/python/*.*) | cksum))
NODE_BASELINE_STAMP := $(BASELINES)/.node-$(firstword $(shell cat $(wildcard bench/baselines/node/*.*) | cksum))
WIDGET_BASELINE_STAMP := $(BASELINES)/.widgets-$(firstword $(shell cat $(wildcard bench/baselines/widgets/*.*) | cksum))
PICTURE_BASELINE_STAMP := $(BASELINES)/.pictures-$(firstword $(shell cat $(wildcard bench/baselines/pictures/*.*) | cksum))
BENCH := cargo run --quiet -p evertoken-bench --bin
# --record writes the result to bench/results.
RECORD ?=
SCREENSHOTS := invitation connected tester-phone tester-phone-dark

.PHONY: bench
bench: bench-size bench-start bench-warm bench-login bench-feed-page bench-pictures bench-feeds bench-instructions bench-run bench-policies bench-facebook ## Run all benchmarks (20 minutes)

.PHONY: bench-start
bench-start: bench-binaries bench-baselines $(VENV_STAMP) ## Measure the start of both Lambda functions against Python and Node
	$(BENCH) start -- $(RECORD)

.PHONY: bench-warm
bench-warm: bench-binaries bench-baselines $(VENV_STAMP) ## Measure warm invocations against Python and Node
	$(BENCH) warm -- $(RECORD)

.PHONY: bench-login
bench-login: bench-binaries $(VENV_STAMP) ## Measure how long a person waits during a login
	$(BENCH) login_wait -- $(RECORD)

.PHONY: bench-run
bench-run: bench-binaries ## Measure refresh runs over 100 to 100,000 accounts (8 minutes)
	$(BENCH) refresh_run -- $(RECORD)

.PHONY: bench-size
bench-size: bench-binaries bench-baselines $(VENV_STAMP) ## Measure the deployment packages
	$(BENCH) size -- $(RECORD)

.PHONY: bench-feed-page
bench-feed-page: browser $(WIDGET_BASELINE_STAMP) ## Measure a page with a feed against other widgets in Chromium
	$(BENCH) feed_page -- $(RECORD)

.PHONY: bench-pictures
bench-pictures: bench-feed-programs $(PICTURE_BASELINE_STAMP) ## Measure the conversion of pictures against sharp and Pillow
	$(BENCH) pictures -- $(RECORD)

.PHONY: bench-feeds
bench-feeds: bench-feed-programs $(PICTURE_BASELINE_STAMP) ## Measure the publication of 1,000 feeds
	$(BENCH) feeds -- $(RECORD)

.PHONY: bench-feed-programs
bench-feed-programs:
	cargo build --release -p evertoken-feed --features test-support --example convert_pictures --example publish_feeds
	@{ $(BUILT_COMMIT); cd target/release/examples && sha256sum convert_pictures publish_feeds; } \
		> target/release/examples/evertoken-feed-programs.txt

.PHONY: bench-instructions
bench-instructions: bench-binaries $(VENV_STAMP) ## Count instructions and compare them with the recorded counts
	$(BENCH) instructions -- $(RECORD)

# The commit of a build, which is noted next to it, so that no result of another build is recorded.
BUILT_COMMIT = test -z "$$(git status --porcelain -- crates Cargo.toml Cargo.lock .cargo/config.toml rust-toolchain.toml)" \
	&& git rev-parse HEAD || echo "uncommitted changes"

# As with `sam build`, the SDK of S3 adds no feature to the other two functions.
.PHONY: bench-binaries
bench-binaries:
	cargo build --release -p evertoken-callback -p evertoken-refresh
	cargo build --release -p evertoken-feed-function
	@{ $(BUILT_COMMIT); cd target/release && sha256sum evertoken-callback evertoken-refresh evertoken-feed; } \
		> target/release/evertoken-binaries.txt

# The benchmarks skip a baseline that cannot be installed, and report it.
.PHONY: bench-baselines
bench-baselines:
	-@$(MAKE) --no-print-directory $(PYTHON_BASELINE_STAMP)
	-@$(MAKE) --no-print-directory $(NODE_BASELINE_STAMP)

.PHONY: bench-policies
bench-policies: ## Compare renewal strategies over simulated years (10 minutes)
	cargo run --release -p evertoken-bench --bin policies -- $(RECORD)

# Records only if all sources are committed, the binaries are of that commit, and all baselines are installed.
.PHONY: bench-facebook
bench-facebook: ## Simulate a year of 1,000 accounts that were connected through Facebook (3 minutes)
	cargo run --quiet --release -p evertoken-bench --bin facebook_year -- $(RECORD)

# Fewer accounts, seeds or days are not recorded.
SEEDS ?= 3
WORKERS ?= 4
DAYS ?= 365
OUTAGE_DAYS ?= 14
.PHONY: year-of-a-million
year-of-a-million: ACCOUNTS = 1000000
year-of-a-million: ## Simulate three years of a million accounts in packs (2.5 hours on 2 cores, 9 GB; ACCOUNTS=20000 SEEDS=1 WORKERS=1 DAYS=60)
	cargo run --quiet --profile simulation -p evertoken-bench --bin packed_year -- $(ACCOUNTS) $(SEEDS) $(WORKERS) $(DAYS) $(OUTAGE_DAYS) $(RECORD)

.PHONY: bench-publish
bench-publish: ## Run all benchmarks, record their results and update the documentation (30 minutes)
	$(MAKE) --no-print-directory bench RECORD=--record
	$(MAKE) --no-print-directory bench-render

.PHONY: bench-render
bench-render: ## Update the documentation from the recorded results
	$(BENCH) publish

.PHONY: screenshots
screenshots: $(BROWSER_STAMP) ## Take the README's screenshots of the running service
	cargo test --workspace --test browser -- --include-ignored --exact screenshots::pictures_of_the_running_service
	cp $(SCREENSHOTS:%=target/screenshots/%.png) docs/screenshots

# Optimized, so that a case takes a fraction of the time.
CASES ?= 100000
.PHONY: model-check
model-check: ## Try random interleavings of processes that share packs (CASES=100000, 15 minutes)
	PROPTEST_CASES=$(CASES) cargo test --profile simulation -p evertoken-packed-vault --lib -- tests::model tests::random_moves

# Mutation tests of the crates that decide, call, store and serve. A crate has up to three phases, from fast tests to slow
# ones; a phase tests only the mutants that the phases before it did not catch. `.cargo/mutants.toml` excludes mutants
# that no test can catch. Arguments of a phase: its packages, its tests, and a filter.
MUTANTS_OUTPUT := target/mutants
MUTANTS = CARGO_TARGET_DIR=$(CURDIR)/$(MUTANTS_OUTPUT)/build EVERTOKEN_VENV=$(CURDIR)/$(VENV) \
	$(TOOLS)/bin/cargo-mutants mutants --iterate --output $(MUTANTS_OUTPUT)/$* --package evertoken-$* \
	$(MUTATED_FILES) $(if $(MUTANTS_DIFF),--in-diff $(MUTANTS_DIFF))
# Mutants that this phase missed (exit status 2) are left to the next phase. One that hangs (3) is caught, except in the
# last phase, where somebody has to look at it.
CAUGHT = $(MUTANTS_OUTPUT)/$*/mutants.out
NEXT_PHASE = || { test $$? -eq 2 -o $$? -eq 3 && cat $(CAUGHT)/timeout.txt >> $(CAUGHT)/caught.txt; }
# cargo-mutants runs the unmutated tests of the mutated crate only, so those of other crates run before (UNMUTATED). For a
# diff, other jobs run them.
WITH_TESTS = --baseline skip --timeout 400 --test-package evertoken-$*,evertoken-tests

# In core, the decisions: the other files are types and ports. A pattern that matches nothing is an error.
mutated = $(or $(wildcard crates/core/src/$(1)),$(error no file matches crates/core/src/$(1)))
CORE_DECISIONS := policy.rs provider_error.rs events/*.rs refresh/*.rs
mutants-core: MUTATED_FILES = $(addprefix --file ,$(filter-out %/memory.rs,$(foreach file,$(CORE_DECISIONS),$(call mutated,$(file)))))

# In feed, everything except the ports in memory and the generated posts of its tests.
mutants-feed: MUTATED_FILES = $(patsubst %,--exclude 'crates/feed/src/%',memory_*.rs sample.rs)

MUTATED_CRATES := core instagram aws callback refresh feed file-vault

.PHONY: mutants $(MUTATED_CRATES:%=mutants-%)
mutants: $(MUTATED_CRATES:%=mutants-%) ## Run mutation tests (hours; mutants-CRATE runs those of one crate, CONTINUE=1 goes on with an interrupted run)

.PHONY: mutants-diff
BASE ?= origin/main
mutants-diff: ## Run mutation tests of the lines that differ from BASE (BASE=origin/main)
	mkdir -p $(MUTANTS_OUTPUT)
	git diff --merge-base $(BASE) -- crates > $(MUTANTS_OUTPUT)/changes.diff
	$(MAKE) --no-print-directory mutants MUTANTS_DIFF=$(MUTANTS_OUTPUT)/changes.diff

$(MUTATED_CRATES:%=mutants-%): mutants-%: $(MUTANTS_STAMP) $(VENV_STAMP)
	$(if $(CONTINUE),,rm -rf $(MUTANTS_OUTPUT)/$*)
	mkdir -p $(MUTANTS_OUTPUT)
	$(if $(MUTANTS_DIFF),,$(if $(UNMUTATED_$*),cargo test --workspace $(UNMUTATED_$*)))
	$(MUTANTS_OF_$*)

UNMUTATED_instagram = --test login --test facebook --test media
UNMUTATED_callback = --test login --test facebook --test end_to_end --test attacks
UNMUTATED_aws = --test vault_contract --test end_to_end --test attacks
UNMUTATED_refresh = --test end_to_end
UNMUTATED_feed = --test command
UNMUTATED_file-vault = --lib --test vault_contract --test command

define MUTANTS_OF_core
$(MUTANTS) --cargo-arg=--lib
endef

define MUTANTS_OF_instagram
$(MUTANTS) --cargo-arg=--lib $(NEXT_PHASE)
$(MUTANTS) $(WITH_TESTS) --cargo-arg=--test=login --cargo-arg=--test=facebook --cargo-arg=--test=media
endef

define MUTANTS_OF_callback
$(MUTANTS) --cargo-arg=--lib $(NEXT_PHASE)
$(MUTANTS) $(WITH_TESTS) --cargo-arg=--test=login --cargo-arg=--test=facebook $(NEXT_PHASE)
$(MUTANTS) $(WITH_TESTS) --cargo-arg=--test=end_to_end --cargo-arg=--test=attacks -- \
	-- callback_errors concurrency configuration_errors metrics deletion
endef

define MUTANTS_OF_aws
$(MUTANTS) --cargo-arg=--lib $(NEXT_PHASE)
$(MUTANTS) $(WITH_TESTS) --cargo-arg=--test=vault_contract -- -- aws credentials:: secrets_manager:: $(NEXT_PHASE)
$(MUTANTS) $(WITH_TESTS) --cargo-arg=--test=end_to_end --cargo-arg=--test=attacks -- \
	-- configuration_errors login_and_refresh metrics parameters removal rotation deletion $(NEXT_PHASE)
$(MUTANTS) $(WITH_TESTS) --cargo-arg=--test=end_to_end -- -- --skip fault_injection --skip cost --skip efficiency
endef

define MUTANTS_OF_refresh
$(MUTANTS) $(WITH_TESTS) --cargo-arg=--test=end_to_end -- -- configuration_errors:: deadline:: workers:: $(NEXT_PHASE)
$(MUTANTS) $(WITH_TESTS) --cargo-arg=--test=end_to_end -- -- --skip fault_injection --skip cost --skip efficiency
endef

define MUTANTS_OF_feed
$(MUTANTS) --cargo-arg=--lib $(NEXT_PHASE)
$(MUTANTS) $(WITH_TESTS) --cargo-arg=--test=command -- -- feed
endef

define MUTANTS_OF_file-vault
$(MUTANTS) $(WITH_TESTS) --cargo-arg=--lib --cargo-arg=--test=vault_contract -- -- file_vault private $(NEXT_PHASE)
$(MUTANTS) $(WITH_TESTS) --cargo-arg=--test=command -- -- file_vault_errors
endef

# Binaries and tests in one command, so that both use the same features and `cargo test` does not recompile anything.
.PHONY: build
build: ## Compile all binaries and tests
	cargo build --workspace --bins --tests

.PHONY: lint
lint: prose $(DENY_STAMP) ## Check prose, formatting, clippy lints and dependencies
	cargo fmt --all --check
	$(DENY) check bans licenses sources
	cargo clippy --workspace --all-targets -- -D warnings

# remark loads its plugin from .remarkrc.yaml. Without --no-stdout, it would print each file.
.PHONY: prose
prose: $(TYPOS_STAMP) $(MARKDOWN_STAMP) ## Check spelling, Markdown style and links between files
	$(TYPOS)/bin/typos
	$(MARKDOWN)/node_modules/.bin/markdownlint-cli2
	$(MARKDOWN)/node_modules/.bin/remark --frail --quiet --no-stdout --no-color --ignore-path .gitignore .

.PHONY: deploy-check
deploy-check: $(VENV_STAMP) $(CHECKOV_STAMP) ## Check the templates with SAM, cfn-lint and checkov
	sam validate --lint --template-file template.yaml
	cfn-lint $(TEMPLATES)
	$(CHECKOV)/bin/checkov --file $(TEMPLATES) --framework cloudformation --skip-download --compact --quiet

.PHONY: sam-build
sam-build: $(VENV_STAMP) ## Build all Lambda functions with `sam build` (ARCHITECTURE=arm64 or x86_64)
	sam build --parameter-overrides Architecture=$(ARCHITECTURE)

.PHONY: architecture
architecture: $(VENV_STAMP) ## Let `sam build` and `sam deploy` use ARCHITECTURE (arm64 or x86_64) from now on
	$(VENV)/bin/python infra/set_architecture.py $(ARCHITECTURE)

.PHONY: workflows
workflows: $(ZIZMOR_STAMP) ## Check the security of the GitHub workflows
	$(ZIZMOR)/bin/zizmor --offline --quiet --no-progress .github

.PHONY: advisories
advisories: $(DENY_STAMP) ## Check dependencies for known advisories (requires internet access)
	$(DENY) check advisories

.PHONY: release-files
release-files: sam-build ## Create the release files for ARCHITECTURE under target/release-files
	$(VENV)/bin/python infra/release_files.py $(ARCHITECTURE)
	$(MAKE) --no-print-directory bills-of-material

# Rust's name of this platform, such as x86_64-unknown-linux-gnu.
.PHONY: release-command
release-command: ## Create the release file of the command for this platform under target/release-files
	cargo build --release --locked -p evertoken
	python3 infra/release_command.py "$$(rustc -vV | sed -n 's/^host: //p')"

.PHONY: image
image: ENGINE := $(firstword $(foreach engine,podman docker,$(if $(shell command -v $(engine)),$(engine))))
image: ## Build the container image `evertoken` and try it (requires podman or docker)
	$(if $(ENGINE),,$(error neither podman nor docker is installed))
	$(ENGINE) build --tag evertoken --file infra/Containerfile .
	$(ENGINE) run --rm evertoken --version
	$(ENGINE) run --rm evertoken demo --json --seed 1 --days 5 --accounts 3

# cargo-cyclonedx writes a file next to every Cargo.toml. Only those of the Lambda functions are kept.
.PHONY: bills-of-material
bills-of-material: $(CYCLONEDX_STAMP) ## Create a CycloneDX SBOM of each Lambda function under target/release-files
	mkdir -p target/release-files
	$(TOOLS)/bin/cargo-cyclonedx cyclonedx --quiet --format json --spec-version 1.5
	for lambda in callback reader refresh; do \
		cp crates/$$lambda/evertoken-$$lambda.cdx.json target/release-files/evertoken-$$lambda-$(ARCHITECTURE).cdx.json || exit 1; \
	done
	cp crates/feed-function/evertoken-feed-function.cdx.json target/release-files/evertoken-feed-$(ARCHITECTURE).cdx.json
	find . -path ./target -prune -o -name '*.cdx.json' -type f -exec rm {} +

.PHONY: fmt
fmt: ## Format the Rust code
	cargo fmt --all

.PHONY: deploy-tools
deploy-tools: $(VENV_STAMP) ## Install only SAM CLI and cargo-lambda, to deploy from source

.PHONY: tools
tools: $(VENV_STAMP) $(CHECKOV_STAMP) $(MINISTACK_STAMP) $(DENY_STAMP) $(ZIZMOR_STAMP) $(TYPOS_STAMP) $(MARKDOWN_STAMP) $(HTML_STAMP) $(FEED_VALIDATORS_STAMP) ## Install the tools that `make test` uses

.PHONY: browser
browser: $(BROWSER_STAMP) ## Install Chromium, Playwright and axe for the browser tests
	test -x $(CHROMIUM) || apt-get install --yes --quiet chromium
	test -x $(CHROMIUM)

.PHONY: wordpress
wordpress: $(WORDPRESS_STAMP) ## Install WordPress, MariaDB and PHP for the tests of the plug-in (Debian or Ubuntu)

.PHONY: recipes
recipes: $(RECIPES_STAMP) ## Install what the recipes for reading a pack need to be tested (Debian or Ubuntu)

# What a run finds stays in fuzz/found. `make fuzz-corpus` adds to the repository only what reaches new code.
.PHONY: fuzz
fuzz: $(FUZZ_STAMP) ## Fuzz the parsers of foreign input (FUZZ_SECONDS=30; requires nightly Rust)
	for target in $(FUZZ_TARGETS); do \
		mkdir -p fuzz/found/$$target; \
		$(FUZZ) run --fuzz-dir fuzz $$target fuzz/found/$$target fuzz/corpus/$$target fuzz/seeds/$$target -- \
			-dict=fuzz/dictionary.txt -max_total_time=$(FUZZ_SECONDS) -malloc_limit_mb=64 -timeout=10 || exit 1; \
	done

.PHONY: fuzz-corpus
fuzz-corpus: $(FUZZ_STAMP) ## Add the inputs that `make fuzz` has found to the corpus, if they reach new code
	for target in $(FUZZ_TARGETS); do \
		$(FUZZ) run --fuzz-dir fuzz $$target -- -merge=1 -max_len=2048 \
			fuzz/corpus/$$target fuzz/seeds/$$target fuzz/found/$$target || exit 1; \
	done

.PHONY: clean
clean: ## Delete everything built or installed
	rm -rf target .aws-sam

$(VENV_STAMP):
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/$(PIP_INSTALL) tests/requirements.txt
	rm -f $(VENV)/.installed-*
	touch $@

$(CHECKOV_STAMP):
	$(PYTHON) -m venv $(CHECKOV)
	$(CHECKOV)/bin/$(PIP_INSTALL) tests/checkov-requirements.txt
	rm -f $(CHECKOV)/.installed-*
	touch $@

$(MINISTACK_STAMP):
	$(PYTHON) -m venv $(MINISTACK)
	$(MINISTACK)/bin/$(PIP_INSTALL) tests/ministack-requirements.txt
	rm -f $(MINISTACK)/.installed-*
	touch $@

$(ZIZMOR_STAMP):
	$(PYTHON) -m venv $(ZIZMOR)
	$(ZIZMOR)/bin/$(PIP_INSTALL) tests/zizmor-requirements.txt
	rm -f $(ZIZMOR)/.installed-*
	touch $@

$(FEED_VALIDATORS_STAMP):
	$(PYTHON) -m venv $(FEED_VALIDATORS)
	$(FEED_VALIDATORS)/bin/$(PIP_INSTALL) tests/feeds-requirements.txt
	rm -f $(FEED_VALIDATORS)/.installed-*
	touch $@

$(TYPOS_STAMP):
	$(PYTHON) -m venv $(TYPOS)
	$(TYPOS)/bin/$(PIP_INSTALL) tests/typos-requirements.txt
	rm -f $(TYPOS)/.installed-*
	touch $@

$(MARKDOWN_STAMP):
	@command -v npm > /dev/null || { echo "error: npm not found"; echo "hint: install Node.js 20 or later"; exit 1; } >&2
	mkdir -p $(MARKDOWN)
	cp tests/markdown/package.json tests/markdown/package-lock.json $(MARKDOWN)
	$(NPM_INSTALL) $(MARKDOWN)
	rm -f $(MARKDOWN)/.installed-*
	touch $@

$(HTML_STAMP):
	mkdir -p $(HTML)
	cp tests/html/package.json tests/html/package-lock.json $(HTML)
	$(NPM_INSTALL) $(HTML)
	rm -f $(HTML)/.installed-*
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
	mkdir -p $(BROWSER)
	cp tests/browser/package.json tests/browser/package-lock.json $(BROWSER)
	$(NPM_INSTALL) $(BROWSER)
	rm -f $(BROWSER)/.installed-*
	touch $@

$(WORDPRESS_STAMP):
	tests/wordpress/install $(WORDPRESS)
	rm -f $(WORDPRESS)/.installed-*
	touch $@

$(RECIPES_STAMP):
	tests/recipes/install
	mkdir -p $(RECIPES)
	cp tests/recipes/package.json tests/recipes/package-lock.json $(RECIPES)
	$(NPM_INSTALL) $(RECIPES)
	$(PYTHON) -m venv $(RECIPES)/venv
	$(RECIPES)/venv/bin/$(PIP_INSTALL) tests/recipes-requirements.txt
	rm -f $(RECIPES)/.installed-*
	touch $@

$(PYTHON_BASELINE_STAMP):
	rm -rf $(BASELINES)/python $(BASELINES)/.python-*
	$(PYTHON) -m venv $(BASELINES)/python
	$(BASELINES)/python/bin/$(PIP_INSTALL) bench/baselines/python/requirements.txt \
		|| { rm -rf $(BASELINES)/python; exit 1; }
	touch $@

$(NODE_BASELINE_STAMP):
	rm -rf $(BASELINES)/node $(BASELINES)/.node-*
	mkdir -p $(BASELINES)/node
	cp bench/baselines/node/* $(BASELINES)/node
	$(NPM_INSTALL) $(BASELINES)/node || { rm -rf $(BASELINES)/node; exit 1; }
	mkdir $(BASELINES)/node/bundle
	cp $(BASELINES)/node/bootstrap.mjs $(BASELINES)/node/bundle
	$(BASELINES)/node/node_modules/.bin/esbuild $(BASELINES)/node/handlers.mjs --bundle --minify --platform=node --format=esm \
		--banner:js="import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" \
		--outfile=$(BASELINES)/node/bundle/handlers.mjs --log-level=warning
	touch $@

$(WIDGET_BASELINE_STAMP):
	rm -rf $(BASELINES)/widgets $(BASELINES)/.widgets-*
	mkdir -p $(BASELINES)/widgets
	cp bench/baselines/widgets/* $(BASELINES)/widgets
	$(NPM_INSTALL) $(BASELINES)/widgets || { rm -rf $(BASELINES)/widgets; exit 1; }
	touch $@

# Python draws the pictures.
$(PICTURE_BASELINE_STAMP):
	rm -rf $(BASELINES)/pictures $(BASELINES)/.pictures-*
	mkdir -p $(BASELINES)/pictures
	cp bench/baselines/pictures/* $(BASELINES)/pictures
	$(NPM_INSTALL) $(BASELINES)/pictures || { rm -rf $(BASELINES)/pictures; exit 1; }
	$(PYTHON) -m venv $(BASELINES)/pictures/python
	$(BASELINES)/pictures/python/bin/$(PIP_INSTALL) bench/baselines/pictures/requirements.txt \
		|| { rm -rf $(BASELINES)/pictures; exit 1; }
	$(BASELINES)/pictures/python/bin/python $(BASELINES)/pictures/generate.py $(BASELINES)/pictures/originals
	touch $@

$(MUTANTS_STAMP):
	cargo install --locked --root $(TOOLS) cargo-mutants@$(CARGO_MUTANTS_VERSION)
	rm -f $(TOOLS)/.cargo-mutants-*
	touch $@
