// What the engine asks of the page around it.
#pragma once

// Called now and then during work on faces and spectra. Returns whether to stop.
extern "C" __attribute__((import_module("env"), import_name("relutope_poll"))) int relutope_poll();
