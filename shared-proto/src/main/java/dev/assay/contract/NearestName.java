package dev.assay.contract;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// The known name that a mistyped one probably meant.
public final class NearestName {

    private NearestName() {}

    /// The known name at the smallest edit distance, if it is near enough to be meant.
    public static Optional<String> of(String name, Collection<String> known) {
        int near = Math.max(1, name.length() / 3);
        return known.stream()
                // never more edits than letters too many: keeps a hostile name of a megabyte from costing anything
                .filter(candidate -> Math.abs(candidate.length() - name.length()) <= near)
                .filter(candidate -> distance(name, candidate) <= near)
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)));
    }

    /// Edits that lead from one to the other, where swapping two neighbours is one edit (Damerau and Levenshtein's
    /// distance, in its form that touches no place twice): that is how names are mistyped.
    static int distance(String a, String b) {
        int[][] edits = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            edits[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            edits[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int substitution = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                edits[i][j] = Math.min(substitution, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
                }
            }
        }
        return edits[a.length()][b.length()];
    }
}
