using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;
using OsmExt.Testing.ApiServer.Watching;

namespace OsmExt.Testing.ApiServer.Tests.Storage;

public class ObjectStoreTests
{
    private static readonly GroupResource ConfigMaps = new("", "configmaps");
    private static readonly GroupResource Secrets = new("", "secrets");

    private static readonly string?[] Labels = ["red", "blue", null];

    // An object of a few, with a label of two, or its deletion.
    private static readonly Gen<(GroupResource Kind, string Name, string? Label)[]> Changes
        = Gen.Select(Gen.Bool.Select(first => first ? ConfigMaps : Secrets), Gen.Int[0, 3].Select(index => "abcd".Substring(index, 1)), Gen.Int[0, 2].Select(index => Labels[index])).Array[1, 40];

    [Theory]
    [InlineData("")]
    [InlineData("colour=red")]
    [InlineData("colour!=red")]
    public void A_watch_from_any_revision_sees_exactly_the_difference(string labels)
    {
        var selection = new Selection("", "", LabelSelector.Parse(labels), new FieldSelector([]));
        Changes.Sample(changes =>
        {
            var store = new ObjectStore(1000);
            var states = new List<StoreState> { store.State };
            foreach (var change in changes)
            {
                Make(store, change);
                states.Add(store.State);
            }

            foreach (var from in states)
            {
                var seen = Selected(from, selection);
                foreach (var change in store.After(from.Revision)!.Value.Changes)
                {
                    if (WatchEvents.Of(change, ConfigMaps, selection) is not { } happened)
                    {
                        continue;
                    }

                    var name = happened.Shown.Name;
                    Assert.Equal(happened.Type == "ADDED", !seen.ContainsKey(name));
                    Assert.Equal(change.Revision.ToString(CultureInfo.InvariantCulture), happened.Shown.Object.Metadata().Text("resourceVersion"));
                    if (happened.Type == "DELETED")
                    {
                        seen.Remove(name);
                    }
                    else
                    {
                        seen[name] = happened.Shown.Object;
                    }
                }

                Assert.Equal(Selected(store.State, selection).Select(Text), seen.Select(Text));
            }
        }, iter: 200);
    }

    [Fact]
    public void Every_revision_that_is_remembered_can_be_listed()
        => Changes.Sample(changes =>
        {
            var store = new ObjectStore(10);
            var states = new Dictionary<long, StoreState> { [store.State.Revision] = store.State };
            foreach (var change in changes)
            {
                Make(store, change);
                states[store.State.Revision] = store.State;
            }

            foreach (var (revision, state) in states)
            {
                var found = store.At(revision);
                Assert.True(found is null ? revision < store.Compacted || revision == 1 : ReferenceEquals(found, state));
            }

            Assert.Null(store.At(store.State.Revision + 1));
        }, iter: 100);

    [Fact]
    public void Who_saw_an_older_state_writes_nothing()
    {
        var store = new ObjectStore(10);
        var first = store.Put(ConfigMaps, new("", "a"), null, [])!;
        Assert.Null(store.Put(ConfigMaps, new("", "a"), null, []));
        var second = store.Put(ConfigMaps, new("", "a"), first, [])!;
        Assert.Null(store.Put(ConfigMaps, new("", "a"), first, []));
        Assert.Null(store.Delete(first));
        Assert.NotNull(store.Delete(second));
        Assert.Equal(4, store.State.Revision);
    }

    [Fact]
    public void What_was_forgotten_is_not_known()
    {
        var store = new ObjectStore(10);
        var first = store.Put(ConfigMaps, new("", "a"), null, [])!;
        store.Put(ConfigMaps, new("", "a"), first, []);
        store.Compact(store.State.Revision);
        Assert.Null(store.After(first.Revision));
        Assert.Null(store.At(first.Revision));
        Assert.Empty(store.After(store.State.Revision)!.Value.Changes);
    }

    private static void Make(ObjectStore store, (GroupResource Kind, string Name, string? Label) change)
    {
        var name = new ObjectName("default", change.Name);
        var seen = store.State.Find(change.Kind, name);
        if (change.Label is { } label)
        {
            store.Put(change.Kind, name, seen, new() { ["metadata"] = new JsonObject { ["name"] = change.Name, ["labels"] = new JsonObject { ["colour"] = label } } });
        }
        else if (seen is not null)
        {
            store.Delete(seen);
        }
    }

    private static SortedDictionary<ObjectName, JsonObject> Selected(StoreState state, Selection selection)
        => new(state.Of(ConfigMaps).Where(entry => selection.Includes(entry.Value)).ToDictionary(entry => entry.Key, entry => entry.Value.Object));

    private static string Text(KeyValuePair<ObjectName, JsonObject> entry) => $"{entry.Key}: {entry.Value.ToJsonString()}";
}
