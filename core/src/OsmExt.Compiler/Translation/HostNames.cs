using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>The host names a service answers to, each without and with its port.</summary>
internal static class HostNames
{
    /// <summary>From the shortest to the full name; the bare name only where client and service share a namespace.</summary>
    public static IEnumerable<string> Of(ServiceName service, int port, bool local)
    {
        var name = service.Local;
        var ns = service.Namespace;
        string[] forms = [$"{name}.{ns}", $"{name}.{ns}.svc", $"{name}.{ns}.svc.cluster", $"{name}.{ns}.svc.{ServiceName.DnsSuffix}"];
        return (local ? forms.Prepend(name) : forms).SelectMany(form => new[] { form, $"{form}:{port}" });
    }
}
