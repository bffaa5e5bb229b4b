using OsmExt.Sdk.Collections;
using OsmExt.Yaml;

namespace OsmExt.Kubernetes.Views;

/// <summary>
/// Names of cipher suites and curves. One that an Envoy does not know makes it refuse every listener and cluster it stands in, so only
/// those are let through that all supported Envoys take.
/// </summary>
internal static class TlsNames
{
    private static readonly string[] Suites =
    [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA", "ECDHE-RSA-AES128-SHA256",
        "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA", "DES-CBC3-SHA",
    ];

    private static readonly string[] Groups = ["X25519", "P-256", "P-384", "P-521", "X25519MLKEM768"];

    /// <summary>Each entry is a suite, or several that are as good as each other: <c>[A|B]</c>.</summary>
    public static EquatableArray<string> CipherSuites(FieldReport report, string path, IList<string>? written)
    {
        for (var i = 0; i < (written?.Count ?? 0); i++)
        {
            var entry = written![i];
            var names = entry is ['[', .. var inner, ']'] ? inner.Split('|') : [entry];
            foreach (var name in names)
            {
                Check(report, $"{path}[{i}]", name, "cipher suite", Suites);
            }
        }

        return (written ?? []).ToEquatableArray();
    }

    public static EquatableArray<string> Curves(FieldReport report, string path, IList<string>? written)
    {
        for (var i = 0; i < (written?.Count ?? 0); i++)
        {
            Check(report, $"{path}[{i}]", written![i], "curve", Groups);
        }

        return (written ?? []).ToEquatableArray();
    }

    private static void Check(FieldReport report, string path, string name, string what, string[] known)
    {
        if (!known.Contains(name, StringComparer.Ordinal))
        {
            var advice = Suggestion.Closest(name, known) is { } meant ? $"Did you mean \"{meant}\"" : $"Use one of {string.Join(", ", known)}";
            report.Invalid(path, $"{YamlScalar.Quote(name)} is not a {what} that Envoy knows", advice);
        }
    }
}
