namespace OsmExt.Interception;

/// <summary>Where a sidecar listens inside its pod, and the user it runs as. The same numbers everywhere a sidecar runs.</summary>
internal static class SidecarPorts
{
    public const int Admin = 15000;
    public const int Outbound = 15001;
    public const int Inbound = 15003;
    public const int Prometheus = 15010;
    public const int LivenessProbe = 15901;
    public const int ReadinessProbe = 15902;
    public const int StartupProbe = 15903;
    public const int TcpProbe = 15904;

    /// <summary>User and group of the proxy. Its own connections are not redirected, so nothing else may run as this user.</summary>
    public const int ProxyUser = 1500;

    /// <summary>As people read it: what applications must leave alone.</summary>
    public const string Reserved = "15000, 15001, 15003, 15010 and 15901 to 15904";

    /// <summary>Whether an application must not use the port.</summary>
    public static bool IsReserved(int port) => port is Admin or Outbound or Inbound or Prometheus or (>= LivenessProbe and <= TcpProbe);
}
