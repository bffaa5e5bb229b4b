namespace OsmExt.Demo.View;

/// <summary>Aligned columns.</summary>
internal static class Table
{
    private const string Gap = "  ";

    /// <summary>A heading and rows of cells; each cell is one or more spans. Columns are as wide as what is in them.</summary>
    public static IEnumerable<IReadOnlyList<Span>> Lines(IReadOnlyList<string> heading, IReadOnlyList<IReadOnlyList<IReadOnlyList<Span>>> rows)
    {
        var widths = heading.Select((title, column) => rows.Select(row => Width(row[column])).Append(title.Length).Max()).ToArray();
        yield return [.. heading.SelectMany((title, column) => (Span[])[Gap, new(title.PadRight(widths[column]), Paint.Faint)])];
        foreach (var row in rows)
        {
            yield return [.. row.SelectMany((cell, column) => (Span[])[Gap, .. cell, new string(' ', widths[column] - Width(cell))])];
        }
    }

    private static int Width(IReadOnlyList<Span> cell) => cell.Sum(span => span.Text.Length);
}
