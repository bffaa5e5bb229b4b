using System.Globalization;
using OsmExt.Sdk.Resources;

namespace OsmExt.Plugin.ExternalAuth;

/// <summary>The <c>spec</c> of an ExternalAuthorization; defaults are filled in.</summary>
internal sealed record AuthorizationSpec(
    bool Disabled, BackendSpec? Backend, string Timeout, string FailureMode, BodySpec? Body, SortedDictionary<string, string> Context, bool Shadow)
{
    public bool IsOpen => FailureMode == "open";

    /// <summary>Whether it keeps nobody out, whatever the server says.</summary>
    public bool IsExemption => Disabled || Shadow;

    /// <summary>As durations are written in Envoy's configuration.</summary>
    public string Seconds
    {
        get
        {
            var inMilliseconds = Timeout.EndsWith("ms", StringComparison.Ordinal);
            var number = decimal.Parse(Timeout[..^(inMilliseconds ? 2 : 1)], CultureInfo.InvariantCulture);
            return string.Create(CultureInfo.InvariantCulture, $"{(inMilliseconds ? number / 1000 : number):0.###}s");
        }
    }

    /// <summary>What the MeshConfig's own fields mean. It has none for the body, and OSM always sends the beginning of it.</summary>
    public static AuthorizationSpec Of(AuthorizationServer server) => new(
        false, new(null, server.Address, server.Port), string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)server.Timeout.TotalMilliseconds)}ms"),
        server.FailureModeAllow ? "open" : "closed", new(8192, true), [], false);
}

/// <summary>The authorization server, as it is written.</summary>
internal sealed record BackendSpec(ServiceSpec? Service, string? Host, int? Port);

/// <summary>A service of the mesh, as it is written.</summary>
internal sealed record ServiceSpec(string Name, string? Namespace, int Port);

/// <summary>What is sent of the body.</summary>
internal sealed record BodySpec(int MaxBytes, bool Partial);
