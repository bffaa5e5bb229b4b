using System.Net;
using System.Text;

namespace OsmExt.Fleet.Reports;

/// <summary>A run as one HTML file that needs nothing else: its tables, and plots of latency, processor time and memory.</summary>
internal static class HtmlReport
{
    private const string Style = """
        body{font:14px/1.45 system-ui,sans-serif;max-width:1180px;margin:2em auto;padding:0 1em;color:#222}
        table{border-collapse:collapse;margin:1em 0;font-size:13px}td,th{border:1px solid #ccc;padding:3px 8px;text-align:right}td:first-child,th:first-child{text-align:left}
        svg{width:100%;max-width:760px;display:block;margin:1.5em 0;font:11px system-ui,sans-serif}.grid{stroke:#e4e4e4}.title{font-weight:bold;font-size:13px}
        code{background:#f3f3f3;padding:1px 4px}.fault{color:#b00;white-space:pre-wrap}
        """;

    public static string Of(RunReport report)
        => $"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{Encode(report.Workload)}</title><style>{Style}</style></head><body>\n{Body(TableReport.Of(report))}\n{string.Join('\n', Plots(report))}\n</body></html>\n";

    private static IEnumerable<string> Plots(RunReport report)
    {
        yield return new SvgPlot("From a change to the last proxy's answer", "seconds since the start", "ms").Draw(
            [.. report.Steps.GroupBy(step => step.Kind, StringComparer.Ordinal).Select(kind => new Series(kind.Key, [.. kind.Select(step => (step.At, step.All))], IsLine: false))]);
        yield return new SvgPlot("The control plane's processor time", "seconds since the start", "cores").Draw(
            [new("of all its threads, the kernel's work included", [.. report.Samples.Select(sample => (sample.At, sample.Cores))], IsLine: true)]);
        yield return new SvgPlot("The control plane's resident memory", "seconds since the start", "MB").Draw([new("resident", [.. report.Samples.Select(sample => (sample.At, sample.Megabytes))], IsLine: true)]);
        if (report.Stages.Count > 1)
        {
            yield return new SvgPlot("Memory against proxies", "proxies connected", "MB").Draw([new("resident", [.. report.Stages.Select(stage => ((double)stage.Proxies, stage.Megabytes))], IsLine: true)]);
            yield return new SvgPlot("Processor time for connecting, against proxies", "proxies connected", "s").Draw(
                [new("of the control plane, since its start", [.. report.Stages.Select((stage, index) => ((double)stage.Proxies, report.Stages.Take(index + 1).Sum(one => one.CpuSeconds)))], IsLine: true)]);
        }

        // Of steps that concern different numbers of proxies.
        if (report.Steps.Select(step => step.Proxies).Distinct().Skip(1).Any())
        {
            yield return new SvgPlot("Processor time of a step against the proxies it concerns", "proxies", "ms").Draw(
                [.. report.Steps.GroupBy(step => step.Kind, StringComparer.Ordinal).Select(kind => new Series(kind.Key, [.. kind.Select(step => ((double)step.Proxies, step.Cpu))], IsLine: false))]);
        }
    }

    // Of the Markdown that the tables are written in: headings, rows, code, emphasis.
    private static string Body(string markdown)
    {
        var (html, isTable) = (new StringBuilder(), false);
        foreach (var line in markdown.Split('\n'))
        {
            var isRow = line.StartsWith('|');
            if (isRow != isTable)
            {
                html.Append(isRow ? "<table>\n" : "</table>\n");
            }

            html.Append(isRow ? Row(line, isHead: !isTable)
                : line.StartsWith("## ", StringComparison.Ordinal) ? $"<h1>{Inline(line[3..])}</h1>\n"
                : line.StartsWith("FAULT", StringComparison.Ordinal) || line.StartsWith("  ", StringComparison.Ordinal) ? $"<p class=\"fault\">{Encode(line)}</p>\n"
                : line.Length > 0 ? $"<p>{Inline(line)}</p>\n" : "");
            isTable = isRow;
        }

        return html.Append(isTable ? "</table>" : "").ToString();
    }

    private static string Row(string line, bool isHead)
        => line.StartsWith("| ---", StringComparison.Ordinal) ? ""
            : $"<tr>{string.Concat(line.Trim().Trim('|').Split('|').Select(cell => cell.Trim()).Select(cell => isHead ? $"<th>{Inline(cell)}</th>" : $"<td>{Inline(cell)}</td>"))}</tr>\n";

    private static string Inline(string text)
    {
        var parts = Encode(text).Split('`');
        var marked = string.Concat(parts.Select((part, index) => index % 2 == 1 ? $"<code>{part}</code>" : part));
        return marked.StartsWith('*') && marked.EndsWith('*') ? $"<em>{marked.Trim('*')}</em>" : marked;
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
