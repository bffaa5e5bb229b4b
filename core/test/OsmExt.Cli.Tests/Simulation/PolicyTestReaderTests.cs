using OsmExt.Cli.Simulation;
using OsmExt.Simulation;

namespace OsmExt.Cli.Tests.Simulation;

public class PolicyTestReaderTests
{
    [Fact]
    public void A_test_is_a_request_and_what_is_expected()
    {
        var reader = new PolicyTestReader("t.yaml");
        var test = Assert.Single(reader.Read("""
            - name: reads
              from: a/b
              to: svc.ns:80
              path: /x
              headers: {x-a: "1"}
              expect: {verdict: allow, status: 200, backends: {ns/svc: 0.5}}
            """));
        Assert.Empty(reader.Problems);
        Assert.Equal(("reads", "t.yaml:1", "svc.ns", 80, "allow", 200), (test.Name, test.Where, test.Request.Host, test.Request.Port, test.Verdict, test.Status));
        Assert.Equal(("x-a", "1"), Assert.Single(test.Request.Headers));
        Assert.Equal(0.5, test.Backends!["ns/svc"]);
    }

    [Fact]
    public void A_client_may_begin_with_TLS_ask_for_a_server_and_show_a_certificate()
    {
        var reader = new PolicyTestReader("t.yaml");
        var tests = reader.Read("""
            - {from: 10.0.2.1, to: "10.0.1.1:8080", protocol: https, serverName: shop.example.com, certificate: [gateway.example.com, "spiffe://a/b"], expect: {verdict: allow}}
            - {from: 10.0.2.1, to: "10.0.1.1:8080", protocol: tls, serverName: "", expect: {verdict: deny}}
            """);
        Assert.Empty(reader.Problems);
        Assert.Equal((SimulatedProtocol.Http, true, "shop.example.com"), (tests[0].Request.Protocol, tests[0].Request.Tls, tests[0].Request.ServerName));
        Assert.Equal("gateway.example.com spiffe://a/b", string.Join(' ', tests[0].Request.Certificate));
        Assert.Equal((SimulatedProtocol.Tcp, true, ""), (tests[1].Request.Protocol, tests[1].Request.Tls, tests[1].Request.ServerName));
    }

    [Theory]
    [InlineData("- {from: a/b, to: svc:80, expct: {verdict: allow}}", "did you mean \"expect\"")]
    [InlineData("- {from: a/b, to: svc, expect: {verdict: allow}}", "HOST:PORT")]
    [InlineData("- {from: a/b, to: svc:80, expect: {verdict: maybe}}", "must be allow or deny")]
    [InlineData("- {from: a/b, to: svc:80, expect: {verdict: allow, backends: {x: all}}}", "not run")]
    [InlineData("from: a/b", "expected a list")]
    [InlineData("- [", "t.yaml:2:1")]
    public void What_is_not_understood_is_said_and_not_run(string text, string expected)
    {
        var reader = new PolicyTestReader("t.yaml");
        Assert.Empty(reader.Read(text));
        Assert.Contains(reader.Problems, problem => problem.Contains(expected, StringComparison.Ordinal));
    }
}
