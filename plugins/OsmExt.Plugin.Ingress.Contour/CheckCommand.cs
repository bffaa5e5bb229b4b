using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Plugin.Ingress.Contour;

/// <summary>Says who outside the mesh may call what, and what keeps gateways from it.</summary>
public sealed class CheckCommand : IPluginCommand
{
    private static readonly string[] Head = ["SERVICE", "POD PORT", "SPEAKS", "FROM", "PROVES TO BE", "SERVER NAMES", "ALLOWED BY"];

    /// <inheritdoc/>
    public int Run(CommandInput input, TextWriter output, TextWriter errors)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(errors);
        var options = input.Options.As<CheckOptions>()!;
        var reader = new BackendReader(input.Plugin, []);
        var open = IngressContourPlugin.InOrder(input.Plugin).SelectMany(reader.Backends)
            .Where(backend => options.Namespace is null || backend.Origin.Namespace == options.Namespace).ToArray();
        var findings = input.Findings.Where(finding => options.Namespace is null || finding.Object?.Namespace == options.Namespace).ToArray();
        Write(output, [Head, .. open.Select(Row)]);
        foreach (var finding in findings)
        {
            output.WriteLine(finding);
        }

        if (open.Length == 0)
        {
            output.WriteLine("Nobody outside the mesh is let in");
        }

        var worst = findings.Length == 0 ? Severity.Info : findings.Max(finding => finding.Severity);
        return worst == Severity.Error || (options.Strict && worst == Severity.Warning) ? 1 : 0;
    }

    private static string[] Row(OpenBackend backend) =>
    [
        $"{backend.Service.Name}", $"{backend.Service.TargetPort}", backend.IsSecure ? "https" : "http",
        backend.Sources.Texts is { } ranges ? Some(ranges, "nowhere") : "anywhere",
        !backend.IsSecure ? "-" : backend.Tls.SkipClientCertValidation ? "anybody" : Some(backend.Sources.Principals, "nobody"),
        !backend.IsSecure ? "-" : Some(backend.ServerNames, "any"), $"{backend.Origin}",
    ];

    private static string Some(string[] texts, string none) => texts.Length == 0 ? none : string.Join(", ", texts);

    private static void Write(TextWriter output, string[][] rows)
    {
        var widths = Head.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows.Where(_ => rows.Length > 1))
        {
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}

/// <summary>The command's options.</summary>
internal sealed record CheckOptions(string? Namespace = null, bool Strict = false);
