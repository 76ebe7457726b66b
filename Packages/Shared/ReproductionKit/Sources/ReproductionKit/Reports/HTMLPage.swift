/// The frame of a self-contained page: no scripts, no external files, light and dark, printable.
public enum HTMLPage {
  /// A page of sections, which are HTML already.
  public static func text(title: String, sections: [String]) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(escaped(title))</title>
    <style>\(HTMLStyle.css)</style>
    </head>
    <body>
    <main>
    \(sections.joined(separator: "\n"))
    </main>
    </body>
    </html>

    """
  }

  /// A numbered figure of a chart, in the colours of the page.
  public static func figure(_ chart: Chart, number: Int) -> String {
    let text = chart.caption.map { " \(escaped($0))" } ?? ""
    return figure(
      svg: chart.svg(theme: .page, clipName: "figure-\(number)-clip"), caption: "\(escaped(chart.title)).\(text)",
      number: number)
  }

  /// A numbered figure of any drawing; the caption is HTML already.
  public static func figure(svg: String, caption: String, number: Int) -> String {
    """
    <figure id="figure-\(number)">\(svg)
    <figcaption><b>Figure \(number).</b> \(caption)</figcaption></figure>
    """
  }

  /// A table under its title, with its caption.
  public static func section(_ table: Table) -> String {
    let caption = table.caption.map { "<p class=\"caption\">\(escaped($0))</p>" } ?? ""
    return "<section><h2>\(escaped(table.title))</h2>\n\(table.html())\(caption)</section>"
  }

  /// Text with the characters that HTML reserves written as entities.
  public static func escaped(_ text: String) -> String { TextEscaping.xml(text) }
}
