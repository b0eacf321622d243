package dev.assay.local;

enum StatusFormat {
    TABLE,
    JSON
}
