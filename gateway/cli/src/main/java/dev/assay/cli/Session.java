package dev.assay.cli;

import dev.assay.cli.mesh.Gateway;

/// One run of the command line.
///
/// @param gateway connects on the first request, not before
record Session(Console console, Gateway gateway) {}
