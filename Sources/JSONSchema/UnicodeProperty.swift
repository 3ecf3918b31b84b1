/// The names of Unicode's properties in ECMA-262's patterns, as RE2 knows them.
enum UnicodeProperty {
  /// RE2's name for what stands between the braces of `\p{…}`; nil when it has none.
  static func name(_ text: String) -> String? {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false)
    switch (parts.count, parts.first) {
    case (1, _): return text == "Any" ? text : category(text)
    case (2, "General_Category"), (2, "gc"): return category(String(parts[1]))
    case (2, "Script"), (2, "sc"):
      // RE2 would take a category's name too.
      let script = String(parts[1])
      return script.utf8.count > 2 && script.utf8.allSatisfy { $0 | 0x20 >= 0x61 || $0 == 0x5F } ? script : nil
    default: return nil
    }
  }

  private static func category(_ name: String) -> String? {
    long[name] ?? (long.values.contains(name) ? name : nil)
  }

  /// PropertyValueAliases of Unicode, for the general category.
  private static let long = [
    "Letter": "L", "Lowercase_Letter": "Ll", "Uppercase_Letter": "Lu", "Titlecase_Letter": "Lt",
    "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Combining_Mark": "M", "Nonspacing_Mark": "Mn",
    "Spacing_Mark": "Mc", "Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd", "digit": "Nd",
    "Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P", "punct": "P", "Connector_Punctuation": "Pc",
    "Dash_Punctuation": "Pd", "Open_Punctuation": "Ps", "Close_Punctuation": "Pe", "Initial_Punctuation": "Pi",
    "Final_Punctuation": "Pf", "Other_Punctuation": "Po", "Symbol": "S", "Math_Symbol": "Sm",
    "Currency_Symbol": "Sc", "Modifier_Symbol": "Sk", "Other_Symbol": "So", "Separator": "Z",
    "Space_Separator": "Zs", "Line_Separator": "Zl", "Paragraph_Separator": "Zp", "Other": "C", "Control": "Cc",
    "cntrl": "Cc", "Format": "Cf", "Private_Use": "Co", "Surrogate": "Cs",
  ]
}
