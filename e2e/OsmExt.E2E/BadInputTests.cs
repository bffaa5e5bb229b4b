using System.Text.Json.Nodes;
using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>Manifests with mistakes, while the mesh runs: what was good stays in force, the mistake is told, everything else goes on.</summary>
[Collection(nameof(ShopMesh))]
public sealed class BadInputTests(Shop shop)
{
    private Mesh Mesh => shop.Mesh;

    [MeshTheory]
    [InlineData("half", "kind: [", "OSM1009")]
    [InlineData("wrong type", "spec: {destination: [], sources: 7, rules: no}", "OSM1009")]
    public async Task A_file_that_breaks_leaves_its_last_good_state_in_force(string reason, string text, string code)
    {
        var thief = Mesh.Pod("thief");
        using (Mesh.Config.WriteForNow("thief", Target(Shop.Namespace, "thief", "v1", ["thief"], Shop.HttpRule)))
        {
            await Wait.ForAsync(200, () => thief.StatusAsync("http://echo-v1:8080/items/1"));

            var broken = Target(Shop.Namespace, "thief", "v1", ["thief"], Shop.HttpRule);
            Mesh.Config.Write("thief", broken[..broken.IndexOf("spec:", StringComparison.Ordinal)] + text);

            await DiagnosedAsync(code, "thief.yaml");
            Assert.True(await thief.StatusAsync("http://echo-v1:8080/items/1") == 200, reason);
            await OthersGoOnAsync();
        }

        await Wait.ForAsync(0, () => thief.StatusAsync("http://echo-v1:8080/items/1"));
        await CleanAsync();
    }

    [MeshFact]
    public async Task A_target_with_a_misspelled_restriction_opens_nothing()
    {
        const string Misspelled = "{kind: HTTPRouteGroup, name: echo, match: [items]}";
        using (Mesh.Config.WriteForNow("thief", Target(Shop.Namespace, "thief", "v1", ["thief"], Misspelled)))
        {
            var finding = await DiagnosedAsync("", "thief.yaml");
            Assert.Contains("match", finding, StringComparison.Ordinal);
            Assert.Equal(0, await Mesh.Pod("thief").StatusAsync("http://echo-v1:8080/items/1"));
            await OthersGoOnAsync();
        }

        await CleanAsync();
    }

    [MeshFact]
    public async Task Of_two_services_with_one_address_the_first_stays_reachable()
    {
        using (Mesh.Config.WriteForNow("twice", Service(Shop.Namespace, "twice", "10.96.1.1", "version: v2", ("v2", Shop.V2))))
        {
            await DiagnosedAsync("", "10.96.1.1");
            Assert.Equal("v1", (string?)(await Mesh.Pod("buyer").GetAsync("http://echo-v1:8080/items/1"))?["pod"]);
            await OthersGoOnAsync();
        }

        await CleanAsync();
    }

    [MeshFact]
    public async Task A_service_without_endpoints_is_503_and_only_it()
    {
        using (Mesh.Config.WriteForNow("empty", Service(Shop.Namespace, "empty", "10.96.1.7", "version: v1")))
        {
            await Wait.ForAsync(503, () => Mesh.Pod("buyer").StatusAsync("http://empty:8080/items/1"));
            Assert.Equal("", await Mesh.Pod("old-buyer").LineAsync("empty", 9000, "hi"));
            await OthersGoOnAsync();
        }
    }

    [MeshFact]
    public async Task Of_duplicates_the_first_counts_and_breaking_it_does_not_let_the_second_in()
    {
        var thief = Mesh.Pod("thief");
        // The same name as the policy's own target, which lets only buyers in; its file comes first.
        using (Mesh.Config.WriteForNow("z-second", Target(Shop.Namespace, "v1", "v1", ["thief"], Shop.HttpRule)))
        {
            await DiagnosedAsync("OSM1006", "z-second.yaml");
            Assert.Equal(0, await thief.StatusAsync("http://echo-v1:8080/items/1"));
            await OthersGoOnAsync();
        }

        await CleanAsync();
    }

    [MeshFact]
    public async Task Dangling_names_admit_nobody()
    {
        using (Mesh.Config.WriteForNow("thief",
            Target(Shop.Namespace, "thief", "v1", ["thief"], "{kind: HTTPRouteGroup, name: nowhere}"),
            Split(Shop.Namespace, "echo-v2", ("nowhere", 100))))
        {
            await DiagnosedAsync("", "nowhere");
            Assert.NotEqual(200, await Mesh.Pod("thief").StatusAsync("http://echo-v1:8080/items/1"));
            await OthersGoOnAsync();
        }

        await CleanAsync();
    }

    private async Task<string> DiagnosedAsync(string code, string text)
    {
        var finding = "";
        await Wait.UntilAsync(
            async () => (finding = (await DiagnosticsAsync()).FirstOrDefault(IsMeant) ?? "").Length > 0, $"a diagnostic {code} about {text}");
        return finding;

        bool IsMeant(string entry) => entry.Contains(code, StringComparison.Ordinal) && entry.Contains(text, StringComparison.Ordinal);
    }

    private Task<TimeSpan> CleanAsync() => Wait.UntilAsync(async () => !(await DiagnosticsAsync()).Any(), "no diagnostic is left");

    // That the old Envoys cannot count requests is said all the time.
    private async Task<IEnumerable<string>> DiagnosticsAsync() => await Mesh.DebugAsync("diagnostics") is JsonArray entries
        ? entries.Where(entry => (string?)entry!["code"] != "OSM3002").Select(entry => entry!.ToJsonString())
        : [];

    // Another object of the same kind changes, and is in force.
    private async Task OthersGoOnAsync()
    {
        var guest = Mesh.Pod("guest");
        using (Mesh.Config.WriteForNow("other", Target(Shop.Namespace, "other", "v2", ["guest"], Shop.HttpRule)))
        {
            await Wait.ForAsync(200, () => guest.StatusAsync("http://echo-v2:8080/items/1"));
        }

        await Wait.ForAsync(403, () => guest.StatusAsync("http://echo-v2:8080/items/1"));
        Assert.Equal(200, await Mesh.Pod("buyer").StatusAsync("http://echo-v1:8080/items/1"));
    }
}
