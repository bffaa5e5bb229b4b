namespace OsmExt.Compiler.Translation;

/// <summary>Ports a sidecar takes in its pod; applications must not use them.</summary>
internal static class Ports
{
    public const int Admin = 15000;
    public const int Outbound = 15001;
    public const int Inbound = 15003;
    public const int Prometheus = 15010;
    public const int ControlPlane = 15128;
}
