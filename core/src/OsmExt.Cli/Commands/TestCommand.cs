using OsmExt.Testing.Simulation;
using System.CommandLine;
using OsmExt.Cli.Simulation;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm test</c>: runs tests of a mesh's policy, written as requests and what is expected of them.</summary>
internal static class TestCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var mesh = new MeshOptions();
        var tests = new Argument<string>("DIR") { Description = "Directory or file of tests in YAML." };
        var junit = new Option<string?>("--junit") { Description = "Also write the results to this file, as JUnit does. Default: no file.", HelpName = "FILE" };
        var command = new Command("test",
            "Run tests of a mesh's policy without sending anything. Exit code 0: all passed; 1: some failed; 2: the input cannot be used.") { tests, junit };
        mesh.AddTo(command);
        command.SetAction(parsed =>
        {
            var plugins = mesh.LoadPlugins(parsed);
            var snapshot = Manifests.Load(parsed.GetRequiredValue(mesh.Config), plugins);
            var (found, problems) = Read(parsed.GetRequiredValue(tests));
            problems = Manifests.IsUsable(snapshot) ? problems : [.. problems, "the manifests cannot be used; osm translate says why"];
            if (problems.Count > 0 || found.Count == 0)
            {
                Console.Error.WriteLine(problems.Count > 0 ? string.Join('\n', problems.Select(problem => $"osm: {problem}")) : "osm: there are no tests");
                return ExitCode.UnusableInput;
            }

            var simulated = CompiledMesh.Of(snapshot, mesh.Compiler(parsed), plugins: plugins);
            var results = found.Select(test => (Test: test, Failure: test.Run(simulated))).ToArray();
            foreach (var (test, failure) in results.Where(result => result.Failure is not null))
            {
                Console.Out.WriteLine($"FAILED {test.Where} {test.Name}: {failure}");
            }

            var failed = results.Count(result => result.Failure is not null);
            Console.Out.WriteLine($"{results.Length - failed} passed, {failed} failed");
            if (parsed.GetValue(junit) is { } path)
            {
                JUnitReport.Of("osm test", [.. results.Select(result => (result.Test.Where, result.Test.Name, result.Failure))]).Save(path);
            }

            return failed == 0 ? ExitCode.Ok : ExitCode.Denied;
        });
        return command;
    }

    private static (List<PolicyTest> Tests, List<string> Problems) Read(string path)
    {
        var (tests, problems) = (new List<PolicyTest>(), new List<string>());
        var files = File.Exists(path) ? [path]
            : Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.y*ml", SearchOption.AllDirectories).Order(StringComparer.Ordinal) : Enumerable.Empty<string>();
        foreach (var file in files)
        {
            var reader = new PolicyTestReader(Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(path))!, file));
            tests.AddRange(reader.Read(File.ReadAllText(file)));
            problems.AddRange(reader.Problems);
        }

        return (tests, problems);
    }
}
