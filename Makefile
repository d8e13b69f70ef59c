# Everything runs from .venv, which scripts/install.py makes; nothing is installed elsewhere.
# PYTHON=/path/to/python3.12 chooses the Python, ARGS="--port 7861" goes to `footnote chat`.

BOOT := $(if $(PYTHON),"$(PYTHON)",python3)
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help run test check install train train-prover train-tagger bench-frameworks screenshots page-speed lock

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 18

run: install ## Install if needed, index the samples if the library is empty, open the page
	@.venv/bin/footnote chat --samples samples/documents $(ARGS)

test: install-tests ## Run everything that can run here, and name what was left out
	@.venv/bin/python scripts/test.py $(ARGS)

check: install-tests ## Ruff, mypy, the import rules and the quick tests
	@.venv/bin/python scripts/test.py --quick $(ARGS)

install: python3 ## Make .venv from the lock
	@$(BOOT) scripts/install.py

train: data install-tests ## Train the reader adapter anew; needs FOOTNOTE_DATA
	@.venv/bin/python -m eval.training.train_reader --data "$$FOOTNOTE_DATA" --work runs/reader \
		--variants 2 --epochs 0.77 --dropout 0.1 $(ARGS)
	@.venv/bin/python -m eval.training.train_reader --work runs/reader-own --own 1 --epochs 1 --dropout 0.1 \
		--start runs/reader/weights.pt --replay runs/reader/rows.npz --learning-rate 1.8e-4 $(ARGS)
	@.venv/bin/python -m eval.reading --data "$$FOOTNOTE_DATA" --questions 200 --adapter runs/reader-own/reader.gguf
	@echo "The adapter lies in runs/reader-own/reader.gguf; the one that ships is models/weights/reader.gguf."

train-prover: data install-tests ## Train the prover anew; needs FOOTNOTE_DATA
	@.venv/bin/python -m eval.training.train_prover --data "$$FOOTNOTE_DATA" --work runs/prover $(ARGS)
	@.venv/bin/python -m eval.training.train_prover --work runs/prover-own --own 2 --replay-share 0.5 \
		--start runs/prover/prover.safetensors --replay runs/prover/items.pkl.gz --learning-rate 8e-5 $(ARGS)
	@.venv/bin/python -m eval.proving --data "$$FOOTNOTE_DATA" --questions 200 --weights runs/prover-own/prover.safetensors
	@echo "The weights lie in runs/prover-own/prover.safetensors; those that ship are models/weights/prover.safetensors."

train-tagger: data install-tests ## Train the tagger of library questions anew; needs FOOTNOTE_DATA
	@.venv/bin/python -m eval.training.train_tagger --data "$$FOOTNOTE_DATA" --work runs/tagger --steps 1600 \
		--learning-rate 2.5e-4 $(ARGS)
	@echo "The weights lie in runs/tagger/tagger.safetensors; those that ship are models/weights/tagger.safetensors."

bench-frameworks: data install ## Measure retrieval beside LlamaIndex, LangChain, Haystack, txtai; needs FOOTNOTE_DATA
	@.venv/bin/python -m eval.side_by_side --data "$$FOOTNOTE_DATA" --work runs/frameworks $(ARGS)

screenshots: install-tests ## Take pictures of every state of the page into docs/screens
	@PYTHONPATH=. .venv/bin/python scripts/screenshots.py $(ARGS)

page-speed: install-tests ## Measure the page beside an empty Gradio page, with 10,000 documents
	@PYTHONPATH=. .venv/bin/python scripts/page_speed.py $(ARGS)

lock: install-tests ## Choose versions anew for requirements.lock and requirements-test.lock
	@.venv/bin/python scripts/lock.py

.PHONY: install-tests data python3
install-tests: python3
	@$(BOOT) scripts/install.py --tests

data:
	@test -n "$$FOOTNOTE_DATA" || { echo "Set FOOTNOTE_DATA to the folder with the training data (splits.json, qa/): FOOTNOTE_DATA=/path make train" >&2; exit 1; }

python3:
	@command -v $(BOOT) >/dev/null || { echo "Footnote needs Python 3.11 or later, and there is no $(BOOT) here. Install it (Debian: sudo apt install python3 python3-venv, macOS: brew install python@3.13) and run this again." >&2; exit 1; }
