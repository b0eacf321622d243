package dev.assay.drill;

/// How a drill went.
///
/// @param passed whether everything that it promises held
/// @param summary one line of figures
record Verdict(boolean passed, String summary) {

    @Override
    public String toString() {
        return (passed ? "PASSED  " : "FAILED  ") + summary;
    }
}
