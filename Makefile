# Thin: each line calls cargo, npm or one script. `make run` and `make test` are all a newcomer needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test test-rust test-web test-e2e bench lint codegen

WEB_SOURCES := $(shell find web/src web/public web/index.html web/vite.config.ts web/package.json -type f 2>/dev/null)
# Options for the demo, for example: make run ARGS="--port 9000 --data /tmp/loa"
ARGS ?=

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: web/dist/index.html ## build everything and start the demo: Loa on :8080, the Zalo sandbox on :8090
	@scripts/need.sh rust node cc
	cargo build --locked -p loa
	target/debug/loa demo $(ARGS)

test: ## everything: lint, Rust tests on SQLite and PostgreSQL, web unit tests, end to end in Chromium
	@scripts/need.sh rust node cc postgres chromium
	$(MAKE) lint
	$(MAKE) test-web
	$(MAKE) test-rust
	$(MAKE) test-e2e

test-rust: web/dist/index.html ## Rust tests on both databases
	scripts/with-postgres.sh cargo test --locked --workspace

test-web: web/node_modules/.package-lock.json ## web unit tests and type check
	cd web && npm run typecheck && npm test

test-e2e: web/dist/index.html ## the product in a real Chromium
	cargo build --locked -p loa
	cd web && npm run e2e

lint: web/node_modules/.package-lock.json ## formatting, clippy, the rules of the house, web lint
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo test --locked -q -p loa-tidy
	cd web && npm run lint

bench: web/dist/index.html ## measure, release build, floors beside the numbers
	cargo build --locked --release -p loa -p loa-bench
	scripts/with-postgres.sh target/release/loa-bench $(ARGS)

codegen: web/node_modules/.package-lock.json ## write what is generated: the API description, its TypeScript types, the table of refusals
	cargo run --locked -q -p loa -- openapi > openapi/loa.json.new && mv openapi/loa.json.new openapi/loa.json
	cargo run --locked -q -p loa-outbound --example refusals > docs/refusals.md.new && mv docs/refusals.md.new docs/refusals.md
	cd web && npm run codegen

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES) openapi/loa.json
	cd web && npm run build
