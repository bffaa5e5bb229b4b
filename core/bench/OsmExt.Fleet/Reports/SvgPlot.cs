using System.Globalization;
using System.Net;
using System.Text;

namespace OsmExt.Fleet.Reports;

/// <summary>One line or cloud of points of a plot.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Points">Where.</param>
/// <param name="IsLine">Whether the points are joined.</param>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points, bool IsLine);

/// <summary>Draws series over two axes that begin at zero, as SVG.</summary>
internal sealed class SvgPlot(string title, string xLabel, string yLabel)
{
    private const int Width = 760;
    private const int Height = 300;
    private const int Left = 64;
    private const int Right = 12;
    private const int Top = 28;
    private const int Bottom = 40;
    private static readonly string[] Colours = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#7f7f7f"];

    public string Draw(IReadOnlyList<Series> series)
    {
        var points = series.SelectMany(one => one.Points).ToArray();
        var (xTicks, yTicks) = (Ticks(points.Select(point => point.X).DefaultIfEmpty(1).Max()), Ticks(points.Select(point => point.Y).DefaultIfEmpty(1).Max()));
        double X(double value) => Left + (value / xTicks[^1] * (Width - Left - Right));
        double Y(double value) => Height - Bottom - (value / yTicks[^1] * (Height - Top - Bottom));

        var svg = new StringBuilder();
        svg.Append(Invariant($"<svg viewBox=\"0 0 {Width} {Height + (16 * series.Count)}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(title)}\">"));
        svg.Append(Invariant($"<text x=\"{Left}\" y=\"16\" class=\"title\">{WebUtility.HtmlEncode(title)}</text>"));
        foreach (var tick in xTicks)
        {
            svg.Append(Invariant($"<line x1=\"{X(tick):f1}\" y1=\"{Top}\" x2=\"{X(tick):f1}\" y2=\"{Height - Bottom}\" class=\"grid\"/><text x=\"{X(tick):f1}\" y=\"{Height - Bottom + 14}\" text-anchor=\"middle\">{tick:0.###}</text>"));
        }

        foreach (var tick in yTicks)
        {
            svg.Append(Invariant($"<line x1=\"{Left}\" y1=\"{Y(tick):f1}\" x2=\"{Width - Right}\" y2=\"{Y(tick):f1}\" class=\"grid\"/><text x=\"{Left - 6}\" y=\"{Y(tick) + 4:f1}\" text-anchor=\"end\">{tick:0.###}</text>"));
        }

        svg.Append(Invariant($"<text x=\"{Width - Right}\" y=\"{Height - 8}\" text-anchor=\"end\">{WebUtility.HtmlEncode(xLabel)}</text><text x=\"{Width - Right}\" y=\"16\" text-anchor=\"end\">{WebUtility.HtmlEncode(yLabel)}</text>"));
        for (var index = 0; index < series.Count; index++)
        {
            var (one, colour) = (series[index], Colours[index % Colours.Length]);
            if (one.IsLine)
            {
                svg.Append(Invariant($"<polyline points=\"{string.Join(' ', one.Points.Select(point => Invariant($"{X(point.X):f1},{Y(point.Y):f1}")))}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>"));
            }
            else
            {
                svg.Append(string.Concat(one.Points.Select(point => Invariant($"<circle cx=\"{X(point.X):f1}\" cy=\"{Y(point.Y):f1}\" r=\"2.5\" fill=\"{colour}\"/>"))));
            }

            svg.Append(Invariant($"<rect x=\"{Left}\" y=\"{Height + (16 * index) - 2}\" width=\"10\" height=\"10\" fill=\"{colour}\"/><text x=\"{Left + 16}\" y=\"{Height + (16 * index) + 7}\">{WebUtility.HtmlEncode(one.Name)}</text>"));
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>Round numbers from 0 to at least the largest value, at most about eight.</summary>
    public static double[] Ticks(double most)
    {
        var rough = Math.Max(most, 1e-6) / 6;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * (((double[])[1, 2, 5, 10]).First(factor => factor * power >= rough));
        return [.. Enumerable.Range(0, (int)Math.Ceiling((most / step) - 1e-9) + 1).Select(index => index * step)];
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
