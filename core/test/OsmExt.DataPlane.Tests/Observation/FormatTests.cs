using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.DataPlane.Observation;
using OsmExt.DataPlane.Observation.Formats;
using OsmExt.DataPlane.Tests.Checks;

namespace OsmExt.DataPlane.Tests.Observation;

/// <summary>Envoy's formats.</summary>
public class FormatTests
{
    [Theory]
    [InlineData("%RESPONSE_CODE% %PROTOCOL% 100%%", "503 HTTP/2 100%")]
    [InlineData("%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%", "GET /books?id=1")]
    [InlineData("%REQ_WITHOUT_QUERY(X-ENVOY-ORIGINAL-PATH?:PATH)%", "/books")]
    [InlineData("%REQ(USER-AGENT):4%|%REQ(X-NONE)%", "curl|-")]
    [InlineData("%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%", "7")]
    [InlineData("%RESPONSE_FLAGS%|%RESPONSE_CODE_DETAILS%", "UH,UF|no_healthy_upstream")]
    [InlineData("%DURATION%|%RESPONSE_DURATION%", "12|-")]
    [InlineData("%START_TIME%", "2026-01-02T03:04:05.678Z")]
    [InlineData("%START_TIME(%Y/%m/%d %H.%M.%S %3f %s %E6S)%", "2026/01/02 03.04.05 678 1767323045 05.678000")]
    [InlineData("%UPSTREAM_METADATA(osm:name)%|%UPSTREAM_METADATA(osm:none)%", "store|-")]
    [InlineData("%METADATA(LISTENER_FILTER_CHAIN:osm:generation)%.%METADATA(VIRTUAL_HOST:osm:generation)%", "a1.b2")]
    [InlineData("%DOWNSTREAM_PEER_URI_SAN%", "spiffe://cluster.local/buyer/shop")]
    [InlineData("%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%:%DOWNSTREAM_REMOTE_PORT%", "10.0.0.1:4711")]
    [InlineData("%ENVIRONMENT(POD_NAME)%|%ENVIRONMENT(NONE)%|%HOSTNAME%", "web-1|-|host-1")]
    [InlineData("%QUERY_PARAM(id)%|%QUERY_PARAM(none)%", "1|-")]
    [InlineData("%COALESCE({\"operators\":[{\"command\":\"UPSTREAM_METADATA\",\"param\":\"osm:none\"},{\"command\":\"START_TIME\",\"param\":\"unknown (\"}]})%", "unknown (")]
    public void Commands_print_as_in_Envoy(string format, string printed)
        => Assert.Equal(printed, TextFormat.Parse(format).Print(Stream(), Some.Context()));

    [Theory]
    [InlineData("%NO_SUCH%", "%NO_SUCH% is not carried out here")]
    [InlineData("%DYNAMIC_METADATA(a:b)%", "%DYNAMIC_METADATA(a:b)% is not carried out here")]
    [InlineData("%REQ(X", "has no closing parenthesis")]
    [InlineData("50% off", "has no end")]
    [InlineData("%START_TIME(%q)%", "%q in a time is not carried out here")]
    [InlineData("%METADATA(DYNAMIC:osm:x)%", "metadata of DYNAMIC is not carried out here")]
    public void What_is_not_carried_out_is_an_error(string format, string message)
        => Assert.Contains(message, Assert.Throws<FormatException>(() => TextFormat.Parse(format)).Message, StringComparison.Ordinal);

    [Fact]
    public void Values_in_JSON_keep_their_type_and_keys_are_in_order()
    {
        var format = Struct.Parser.ParseJson("""{"code":"%RESPONSE_CODE%","b":{"missing":"%REQ(X-NONE)%","text":"<%REQ(X-NONE)%>"},"a":["%PROTOCOL%",3,true]}""");

        Assert.Equal("""{"a":["HTTP/2",3,true],"b":{"missing":null,"text":"<->"},"code":503}""" + "\n", JsonFormat.Of(format).Print(Stream(), Some.Context()));
    }

    [Fact]
    public void A_text_of_a_request_cannot_break_a_line_of_JSON()
    {
        var stream = Stream();
        stream.RequestHeader = _ => "a\"\n{";

        Assert.Equal("{\"x\":\"a\\\"\\n{\"}\n", JsonFormat.Of(Struct.Parser.ParseJson("""{"x":"%REQ(X)%"}""")).Print(stream, Some.Context()));
    }

    internal static StreamRecord Stream() => new()
    {
        Began = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero),
        Duration = TimeSpan.FromMilliseconds(12.9),
        IsRequest = true,
        Protocol = "HTTP/2",
        Method = "GET",
        Authority = "store",
        Path = "/books?id=1",
        ResponseCode = 503,
        ResponseFlags = { "UH", "UF" },
        ResponseCodeDetails = "no healthy upstream",
        StatPrefix = "mesh-http",
        UpstreamCluster = "shop/store|80",
        UpstreamAttempts = 2,
        DownstreamRemote = "10.0.0.1:4711",
        DownstreamPeerUris = ["spiffe://cluster.local/buyer/shop"],
        UpstreamMetadata = Osm("name", "store"),
        FilterChainMetadata = Osm("generation", "a1"),
        VirtualHostMetadata = Osm("generation", "b2"),
        RequestHeader = name => name == "user-agent" ? "curl/8" : null,
        ResponseHeader = name => name == "x-envoy-upstream-service-time" ? "7" : null,
        RbacAllowed = true,
    };

    private static Metadata Osm(string key, string value) => new() { FilterMetadata = { ["osm"] = new() { Fields = { [key] = Value.ForString(value) } } } };
}
