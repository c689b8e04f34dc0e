# make demo   a recorded caller phones the sample shop
# make test   every test, the same way CI runs them
# make bench  the figures in the README

.PHONY: demo test setup build lint bench fixtures fuzz

demo: setup
	cargo build --release --locked
	./target/release/attendant demo

test: setup
	cargo test --locked

lint:
	cargo fmt --check
	cargo clippy --all-targets --locked -- -D warnings
	cargo clippy --all-targets --no-default-features --locked -- -D warnings

# System packages through apt where there is one; elsewhere says what is missing.
setup:
	@sh .ci/setup.sh

build: setup
	cargo build --release --locked

bench: setup
	cargo bench --locked

# Speaks and records the calls in audio-fixtures/ anew (flite, espeak-ng, sox).
fixtures: build
	sh audio-fixtures/make.sh
