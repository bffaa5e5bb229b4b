using OsmExt.Compiler;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.PluginHost;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Testing.Cases;

namespace OsmExt.Plugins.Tests;

/// <summary>Which ExternalAuthorizations count where several are for the same requests: none lets in what another guards.</summary>
public sealed class AuthorizationTests : IDisposable
{
    private const string Judged = "backend: {host: judge.example.com, port: 9191}";
    private const string Route = "targetRef: {kind: HTTPRouteGroup, name: health, service: web}";
    private const string Service = "targetRef: {kind: Service, name: web}";
    private const string Account = "targetRef: {kind: ServiceAccount, name: web}";
    private const string Pods = "targetRef: {kind: Pod, labels: {app: web}}";

    private readonly string _folder = Directory.CreateTempSubdirectory("osm-authorizations-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    // For single requests: nothing that lets in all others.
    [InlineData($"{Route}, disabled: true", Judged, "b", "Requests are not exempted one by one")]
    [InlineData($"{Route}, shadow: true, {Judged}", Judged, "b", "shadow: true must not let all others in")]
    [InlineData($"{Route}, {Judged}", $"{Service}, {Judged}", "b", "ExternalAuthorization shop/b is for service shop/web too and is for all requests")]
    [InlineData($"{Route}, lock: true, {Judged}", $"{Service}, disabled: true", "a", "ExternalAuthorization shop/a is for service shop/web too and is locked")]
    // Of equals the locked one.
    [InlineData($"{Service}, disabled: true", $"{Service}, lock: true, {Judged}", "b", "is locked, so this one has no effect")]
    // A lock for proxies keeps exemptions of services out, and says what it does not keep out.
    [InlineData($"{Account}, lock: true, {Judged}", $"{Service}, disabled: true", "a", "is locked for service account shop/web, so this object does not count")]
    [InlineData($"{Account}, lock: true, {Judged}", $"{Service}, shadow: true, {Judged}", "a", "is locked for service account shop/web, so this object does not count")]
    [InlineData($"{Pods}, lock: true, {Judged}", $"{Service}, disabled: true", "a", "is locked for pods of namespace shop with app=web, so this object does not count")]
    [InlineData($"{Pods}, lock: true, {Judged}", $"{Account}, disabled: true", "a", "is locked for pods of namespace shop with app=web, so this object does not count")]
    [InlineData($"{Account}, lock: true, {Judged}", $"{Service}, {Judged}", "a b", "a lock for service account shop/web keeps exemptions and shadow mode out, and nothing else")]
    public void What_is_guarded_stays_guarded(string a, string b, string counting, string finding)
    {
        var (checks, findings) = Contribute(a, b);

        Assert.Equal(counting.Split(' '), checks.Keys);
        Assert.Contains(findings, each => each.Message.Contains(finding, StringComparison.Ordinal));
    }

    [Fact]
    public void Outages_let_nothing_in_for_the_sake_of_single_requests()
    {
        var (checks, findings) = Contribute($"{Route}, failureMode: open, {Judged}", Judged);

        Assert.DoesNotContain("\"failure_mode_allow\": true", checks["a"], StringComparison.Ordinal);
        Assert.Contains(findings, each => each.Message.Contains("failureMode: open does not count here", StringComparison.Ordinal));
        Assert.Contains("\"failure_mode_allow\": true", Contribute($"{Service}, failureMode: open, {Judged}", Judged).Checks["a"], StringComparison.Ordinal);
    }

    // The filters that objects a and b are made into, by name, and what is said about them.
    private (SortedDictionary<string, string> Checks, IReadOnlyCollection<Diagnostic> Findings) Contribute(string a, string b)
    {
        var (plugin, file) = (new PluginFolder("OsmExt.Plugin.ExternalAuth"), Path.Combine(_folder, "in.yaml"));
        File.WriteAllText(file, Object("a", a) + Object("b", b));
        var set = PluginSet.Load(plugin.Files, plugin.Grants, TimeProvider.System);
        var mesh = new Mesh(new MeshSettings("cluster.local")) { Services = [new(new("shop", "web"), 80, 8080, AppProtocol.Http)] };
        var contributions = set.Contribute(mesh, TranslationCase.Read(file, set), new CompilerOptions());
        // With a selection for pods, so that what is for them is seen.
        var scope = new ProxyScope(new WorkloadIdentity("cluster.local", "shop", "web"), [new("shop", "web")], Capabilities.OfRelease(Capabilities.NewestEnvoy)) { Selections = contributions.Selections("shop") };
        var checks = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in contributions.For(scope).All.Where(item => item.Slot.Name == "check"))
        {
            checks.Add(item.Origin!.Value.Name, EnvoyJson.ToJson(item.Message));
        }

        set.DisposeExcept(PluginSet.Empty);
        return (checks, [.. contributions.Diagnostics]);
    }

    private static string Object(string name, string spec)
        => $"---\napiVersion: auth.osmext.io/v1alpha1\nkind: ExternalAuthorization\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{{spec}}}\n";
}
