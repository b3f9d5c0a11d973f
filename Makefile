# Every target works from a fresh clone: Go, git and make are all that is needed.

GO       ?= go
BIN      := bin/latchkey
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
LDFLAGS  := -s -w -X main.version=$(VERSION)
DATA     ?= ./data
# One way of building for all but the race detector, so that nothing is compiled twice.
export CGO_ENABLED := 0
# What the race detector looks at: "make race" at all, a check before a commit at what works side by side by itself.
RACE     ?= ./...
FUZZTIME ?= 30s
# Whose fuzz targets are run: those of what reads what comes from outside.
FUZZ     ?= ./handlers/appsearch ./db/credential

.PHONY: help run build generate test fuzz check race bench clean deps fmt screenshots readme-pictures walk

help: ## show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build and serve the console on http://localhost:8080
	@echo "Latchkey serves http://localhost:8080 (data in $(DATA); stop with Ctrl-C)."
	@$(BIN) serve --data $(DATA)

build: ## build bin/latchkey, one static binary
	$(GO) build -buildvcs=false -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/latchkey

generate: ## make the Go code of the templates
	$(GO) tool templ generate -path views

deps: ## install what the tests need: a headless Chromium, and the official clients from npm
	@.ci/deps

test: deps ## run all tests
	$(GO) test -shuffle=on -timeout 20m ./...

fuzz: ## look for input that breaks the parsers, FUZZTIME (30s) with each target of FUZZ
	@.ci/fuzz $(FUZZTIME) $(FUZZ)

race: ## run the tests with the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -short -timeout 30m $(RACE)

check: ## everything that must hold before a commit
	.ci/check
	$(MAKE) --no-print-directory race RACE='./db/... ./web/... ./handlers/appsearch ./handlers/lupa'

bench: ## run the benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./...

screenshots: deps ## write a picture of every page in every state into screenshots/ (open screenshots/index.html)
	$(GO) test -run '^TestScreenshots$$' -count=1 -timeout 30m ./cmd/latchkey -screenshots=$(CURDIR)/screenshots

walk: deps ## look at every page in Chromium in every way, which takes long
	$(GO) test -run "^TestTheWalk$$" -count=1 -timeout 60m ./cmd/latchkey -thorough

readme-pictures: deps ## take the pictures of the README anew
	$(GO) test -run '^TestReadmePictures$$' -count=1 ./cmd/latchkey -readme=$(CURDIR)/.github

fmt: ## format the code
	gofmt -w cmd db handlers static views web
	$(GO) tool templ fmt views

clean: ## remove what was built
	rm -rf bin screenshots
