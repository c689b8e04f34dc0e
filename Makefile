# make demo   a recorded caller phones the sample shop
# make test   every test, the same way CI runs them
# make bench  the figures in the README
# make load-table   what a call costs, by the number of calls
# make soak MINUTES=60   the server under faults (src/load/README.md)
# make model  a recogniser of your own words (models/train/README.md)

.PHONY: demo test setup build lint bench load-table soak fixtures fuzz model eval-model test-model asterisk-test

demo: setup
	cargo build --release --locked
	./target/release/attendant demo

test: setup
	@sh .ci/setup.sh browser
	cargo test --locked
	@if python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	  cd models/train && python3 -m unittest discover -s tests -p 'test_sentences.py'; \
	else echo "python3 is missing or older than 3.11: the training sentences were not tested"; fi

# Calls with a real Asterisk (tests/asterisk/README.md): make asterisk-test ASTERISK=/path/to/asterisk
MODULES = /usr/lib/asterisk/modules
asterisk-test:
	@test -x "$(ASTERISK)" || { echo "ASTERISK is the path of the program: make asterisk-test ASTERISK=/usr/sbin/asterisk"; exit 2; }
	ASTERISK="$(ASTERISK)" ASTERISK_MODULES="$(MODULES)" LD_LIBRARY_PATH="$(MODULES):$$LD_LIBRARY_PATH" \
	  cargo test --locked --no-default-features --features speech --test suite real_asterisk -- --ignored --nocapture --test-threads=1

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

# What a call costs: processor time, memory and latencies by the number of calls (src/load/README.md).
load-table: build
	./target/release/attendant load --table --scripted --seconds 40
	./target/release/attendant load --table=1,10,20,30,40,50,60,80,100,120 --seconds 40

# The real server, every line, one fault after the other; the verdict is the exit code (src/load/README.md).
MINUTES = 1
SEED = 1
soak: setup
	SOAK_MINUTES=$(MINUTES) SOAK_SEED=$(SEED) cargo test --release --locked --no-default-features --test suite \
	  soak::the_server_bears_an_hour_of_faults -- --exact --ignored --nocapture

# A minute of each fuzz target. Needs cargo-fuzz (cargo install --locked cargo-fuzz); RUSTC_BOOTSTRAP
# lets the stable compiler instrument the code, -s none goes without the sanitizers of nightly.
FUZZ = wav twilio streams clouds audiosocket kiosk journal config domain signature rehearsal ggml
FUZZ_SECONDS = 60
fuzz: setup
	@cargo fuzz --version >/dev/null 2>&1 || { echo "cargo-fuzz is missing: cargo install --locked cargo-fuzz"; exit 2; }
	for target in $(FUZZ); do \
	  mkdir -p target/fuzz/corpus/$$target; \
	  RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir tests/fuzz -s none --target-dir target/fuzz $$target \
	    target/fuzz/corpus/$$target $$(ls -d tests/fuzz/seeds/$$target 2>/dev/null) -- \
	    -max_total_time=$(FUZZ_SECONDS) -max_len=20000 -timeout=10 -rss_limit_mb=1024 || exit 1; \
	done

# Speaks and records the calls in audio-fixtures/ anew (flite, espeak-ng, sox).
fixtures: build
	python3 audio-fixtures/make.py

# A recogniser trained for the folders in src/domains/ or DOMAIN; hours. See models/train/README.md.
TRAIN = models/train
PYTHON = $(TRAIN)/.venv/bin/python
OUT = models/attendant-en.bin
model: $(TRAIN)/.venv/ready
	$(PYTHON) $(TRAIN)/make_model.py --out $(OUT) $(if $(DOMAIN),--domain $(DOMAIN)) $(if $(INIT),--init $(INIT)) \
	  $(if $(REAL),--real $(REAL)) $(if $(PIPER),--piper $(PIPER)) $(if $(DEVICE),--device $(DEVICE)) $(if $(STEPS),--steps $(STEPS)) \
	  $(if $(UTTERANCES),--utterances $(UTTERANCES)) $(if $(WORK),--work $(WORK))

# The table in models/README.md: unseen sentences by unseen voices, through `attendant transcribe`.
eval-model: build $(TRAIN)/.venv/ready
	cd $(TRAIN) && .venv/bin/python judge.py --attendant $(CURDIR)/target/release/attendant \
	  --work $(CURDIR)/target/judge $(if $(MODEL),--model $(abspath $(MODEL))) $(if $(COUNT),--count $(COUNT)) $(if $(REAL),--real $(abspath $(REAL)))

# The recipe's own tests.
# A process for each file: espeak-ng starts once in a process, and speaking and training start it differently.
test-model: $(TRAIN)/.venv/ready
	cd $(TRAIN) && for file in tests/test_*.py; do .venv/bin/python -m unittest $$file || exit 1; done

$(TRAIN)/.venv/ready: $(TRAIN)/requirements.txt
	@sh $(TRAIN)/setup.sh
	python3 -m venv $(TRAIN)/.venv
	$(TRAIN)/.venv/bin/pip install --quiet --requirement $(TRAIN)/requirements.txt
	touch $@
