using System.Buffers;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>The host names a service answers to, each without and with its port.</summary>
internal static class HostNames
{
    private const int LongestLabel = 63;
    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Whether a service is called as Kubernetes has it: two labels of lower-case letters, digits and dashes, and no pod's.</summary>
    public static bool ArePlain(ServiceName service) => service.Subdomain.Length == 0 && IsLabel(service.Name) && IsLabel(service.Namespace);

    /// <summary>From the shortest to the full name; the bare name only where client and service share a namespace.</summary>
    public static IEnumerable<string> Of(ServiceName service, int port, bool local)
    {
        var name = service.Local;
        var ns = service.Namespace;
        string[] forms = [$"{name}.{ns}", $"{name}.{ns}.svc", $"{name}.{ns}.svc.cluster", $"{name}.{ns}.svc.{ServiceName.DnsSuffix}"];
        return (local ? forms.Prepend(name) : forms).SelectMany(form => new[] { form, $"{form}:{port}" });
    }

    private static bool IsLabel(string text) => text.Length is > 0 and <= LongestLabel && !text.AsSpan().ContainsAnyExcept(Letters);
}
