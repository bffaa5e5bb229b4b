using System.Net;
using System.Text.Json.Nodes;

namespace OsmExt.Cli.Tests;

/// <summary><c>osm certificate status</c>.</summary>
public class CertificateTests
{
    private const string Answer = """
        {"step": "waiting-to-sign", "root": "new", "waits_for": ["shop/b"], "signing": "old", "xds_server": "old", "proxies": 2, "away": [],
         "roots": [
          {"name": "new", "role": "active", "signs": false, "trusted": true, "xds_trusted": true, "fingerprint": "0123456789abcdef0123456789abcdef",
           "not_before": "2026-01-01T00:00:00Z", "not_after": "2036-01-01T00:00:00Z", "trusted_by": 1, "not_trusted_by": ["shop/b"],
           "presented_by": [], "xds_credentials_of": []},
          {"name": "old", "role": "", "signs": true, "trusted": true, "xds_trusted": true, "fingerprint": null, "not_before": null,
           "not_after": null, "trusted_by": 2, "not_trusted_by": [], "presented_by": ["shop/a", "shop/b"],
           "xds_credentials_of": ["shop/a", "shop/b"]}],
         "trust_domain": "cluster.local", "xds_server_trust_domain": "cluster.local", "trust_domains": [
          {"name": "cluster.local", "issuing": true, "accepted": true, "xds_accepted": true, "accepted_by": 2, "not_accepted_by": [],
           "used_by": ["shop/a", "shop/b"], "xds_credentials_of": ["shop/a", "shop/b"]},
          {"name": "corp.example", "issuing": false, "accepted": true, "xds_accepted": true, "accepted_by": 1, "not_accepted_by": ["shop/b"],
           "used_by": [], "xds_credentials_of": []}]}
        """;

    [Fact]
    public async Task It_says_where_a_rotation_is_and_whom_it_waits_for()
    {
        using var server = new HttpListener();
        var address = TestPage.Listen(server);
        var answering = TestPage.AnswerAsync(server, "/debug/certificates", Answer, 2);

        var table = await Osm.RunAsync("certificate", "status", "--debug-address", address);
        Assert.Equal((0, ""), (table.ExitCode, table.Errors));
        var lines = table.Output.Split('\n');
        Assert.Matches("^ROOT +ROLE +SIGNS +TRUSTED +ACKNOWLEDGED +PRESENTED BY +ENDS +FINGERPRINT$", lines[0]);
        Assert.Matches("^new +active +no +yes +1 of 2 +0 of 2 +2036-01-01T00:00:00Z +0123456789abcdef$", lines[1]);
        Assert.Matches("^old +- +yes +yes +2 of 2 +2 of 2 +-$", lines[2]);
        Assert.Matches("^TRUST DOMAIN +ISSUED IN +ACCEPTED +ACKNOWLEDGED +USED BY$", lines[4]);
        Assert.Matches("^cluster.local +yes +yes +2 of 2 +2 of 2$", lines[5]);
        Assert.Matches("^corp.example +no +yes +1 of 2 +0 of 2$", lines[6]);
        Assert.Contains("Step: waiting-to-sign (new)", lines);
        Assert.Contains("xDS port: certificate by old in cluster.local", lines);
        Assert.Contains("Waits for: shop/b", lines);

        var json = await Osm.RunAsync("certificate", "status", "--debug-address", address, "-o", "json");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Answer), JsonNode.Parse(json.Output)));
        await answering;
    }

    [Fact]
    public async Task Without_a_control_plane_it_says_where_it_looked()
    {
        var run = await Osm.RunAsync("certificate", "status", "--debug-address", "127.0.0.1:1");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("127.0.0.1:1", run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.TrimEnd('\n').Split('\n'));
    }
}
