/// The paper that an experiment reproduces.
public struct Citation: Sendable, Codable, Hashable {
  /// Authors, as printed.
  public let authors: [String]
  /// Title of the paper.
  public let title: String
  /// Journal, conference or archive.
  public let venue: String
  /// Year of publication.
  public let year: Int
  /// arXiv number, such as `2402.12345`.
  public let arxiv: String?
  /// Digital object identifier.
  public let doi: String?

  /// A citation.
  public init(
    authors: [String], title: String, venue: String, year: Int, arxiv: String? = nil, doi: String? = nil
  ) {
    self.authors = authors
    self.title = title
    self.venue = venue
    self.year = year
    self.arxiv = arxiv
    self.doi = doi
  }

  /// One line, such as `M. Jiang, J. Wang: "Title". Venue 2024.`
  public var text: String {
    let people = authors.isEmpty ? "" : authors.joined(separator: ", ") + ": "
    return "\(people)\"\(title)\". \(venue) \(year)."
  }

  /// Where to read it: the DOI's address, else arXiv's; `nil` without both.
  public var address: String? {
    if let doi { return "https://doi.org/\(doi)" }
    if let arxiv { return "https://arxiv.org/abs/\(arxiv)" }
    return nil
  }
}
