/// Intervals and tests that say how much a measured figure can be trusted.
package dev.assay.statistics;
