using OsmExt.Compiler.Translation;
using OsmExt.DataPlane.Checks;

namespace OsmExt.DataPlane.Tests.Checks;

/// <summary>
/// All that the compiler and the official plugins emit for a proxy that offers what the embedded data plane offers is accepted; and what it does
/// not get, because it does not offer it, is in a list.
/// </summary>
public class OfficialCaseTests
{
    // Why a case is refused, at least in part, though the data plane offers the types that it uses.
    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        // It has every command operator that Envoy has, also those about connections of which nothing is recorded.
        ["plugins/OsmExt.Plugin.Telemetry/test/cases/formats"] = "% is not carried out here",

        // Requests are not mirrored.
        ["plugins/OsmExt.Plugin.Routing/test/cases/routes"] = "request_mirror_policies",
    };

    // What a case does not get, because the data plane does not offer it. The control plane leaves it out, and says so.
    private static readonly Dictionary<string, string[]> LeftOut = new(StringComparer.Ordinal)
    {
        // There is no global rate limit here; what it would guard is closed.
        ["core/test/OsmExt.Compiler.Tests/cases/rate-limit-global"] =
        [
            "envoy.extensions.filters.http.ratelimit.v3.RateLimit", "envoy.extensions.filters.http.rbac.v3.RBAC", "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector",
            "envoy.extensions.filters.network.ratelimit.v3.RateLimit", "envoy.extensions.filters.network.rbac.v3.RBAC", "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        ],
        // Nor are credentials injected. The plugin fails closed: the proxy is sent nothing of the mesh.
        ["plugins/OsmExt.Plugin.ExternalBackend/test/cases/backend"] =
        [
            "envoy.extensions.filters.http.credential_injector.v3.CredentialInjector", "envoy.extensions.filters.http.router.v3.Router",
            "envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec", "envoy.extensions.filters.listener.original_dst.v3.OriginalDst",
            "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
            "envoy.extensions.http.injected_credentials.generic.v3.Generic", "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        ],

        // There is no Lua here.
        ["plugins/OsmExt.Plugin.Lua/test/cases/scripts"] = ["envoy.extensions.filters.http.lua.v3.Lua"],
        // Logs go to standard output and files only.
        ["plugins/OsmExt.Plugin.Telemetry/test/cases/formats"] = ["envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig"],
        ["plugins/OsmExt.Plugin.Telemetry/test/cases/logs"] = ["envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig"],
        // There are no traces here.
        ["plugins/OsmExt.Plugin.Telemetry/test/cases/tracing"] = ["envoy.config.trace.v3.OpenTelemetryConfig", "envoy.config.trace.v3.ZipkinConfig"],
    };

    public static TheoryData<string> Cases => [.. OfficialCases.Folders];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Everything_is_accepted(string folder)
    {
        var check = Some.Check(BootstrapConfig.MaxRegexProgram);
        var refused = OfficialCases.Translate(folder, OfficialCases.Embedded)
            .SelectMany(proxy => proxy.Resources.SelectMany(resource => check.Reasons(resource.Message).Select(found => $"{proxy.Pod} {resource}: {found}"))).ToArray();

        if (Refused.TryGetValue(folder, out var reason))
        {
            Assert.All(refused, text => Assert.Contains(reason, text, StringComparison.Ordinal));
            Assert.NotEmpty(refused);
        }
        else
        {
            Assert.Equal("", string.Join('\n', refused));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_not_offered_is_in_the_list(string folder)
        => Assert.Equal(string.Join('\n', LeftOut.GetValueOrDefault(folder, [])), string.Join('\n', OfficialCases.LeftOut(folder)));
}
